import { integerSizes, textLengthSizes } from '../../msgpack/codes.ts';
import { goMonth } from '../go-value.ts';
import { escapeAt, plainInJson } from '../json-text.ts';

/** Where stretch.as.ts has its tables. */
export interface TablePlaces {
  readonly escapes: number;
  readonly triples: number;
  readonly months: number;
  readonly integers: number;
  readonly textWidths: number;
}

const ascii = 0x80;
const lastMonth = 12;

/** Writes the tables that do not change. */
export function fillTables(memory: ArrayBuffer, places: TablePlaces): void {
  const bytes = Buffer.from(memory);
  for (let code = 0; code < ascii; code++) {
    if (plainInJson[code] === 1) continue;
    const escape = escapeAt(Buffer.of(code), 0, 0) ?? '';
    putSized(bytes, places.escapes + 8 * code, 8, escape);
  }
  for (let value = 0; value < 1_000; value++)
    bytes.write(String(value).padStart(3, '0'), places.triples + 4 * value);
  for (let month = 0; month <= lastMonth; month++)
    putSized(bytes, places.months + 16 * month, 16, goMonth(month));
  bytes.set(integerSizes, places.integers);
  bytes.set(textLengthSizes, places.textWidths);
}

/** The text, and its size in the last byte of the room. */
function putSized(bytes: Buffer, at: number, room: number, text: string): void {
  bytes.write(text, at);
  bytes.writeUInt8(text.length, at + room - 1);
}
