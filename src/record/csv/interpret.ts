import { ByteWriter } from '../../lib/byte-writer.ts';
import type { AnalyticsRecord } from '../record.ts';
import { slotOf } from '../slots.ts';
import { type SpannedRecord, spanned } from '../span.ts';
import { goTimeText } from '../time/text.ts';
import { compareUtf8, sequenceLength } from '../utf8.ts';
import { beginsFormula } from '../write/formula.ts';
import { asUnsigned, goMonth, truncatedToUnsigned } from '../write/go-value.ts';
import type { CsvColumn, CsvValue } from './columns.ts';

const comma = 0x2c;
const lineFeed = 0x0a;
const quote = 0x22;
const semicolon = 0x3b;
const apostrophe = 0x27;

/**
 * Writes a row value by value: the reference that programs (compile.ts) are compared to, and what they leave the
 * rare values to.
 */
export function interpretCsvRow(
  columns: readonly CsvColumn[],
  record: AnalyticsRecord,
  out: ByteWriter,
): void {
  const source = spanned(record);
  columns.forEach(({ value }, index) => {
    if (index > 0) out.byte(comma);
    interpretCsvValue(value, source, out);
  });
  out.byte(lineFeed);
}

/** One value alone. */
export function interpretCsvValue(value: CsvValue, from: AnalyticsRecord, out: ByteWriter): void {
  const record = spanned(from);
  switch (value.form) {
    case 'text': {
      const { source, start, end } = record.span(slotOf[value.field]);
      writeCell(source, { start, end, isGuarded: value.isGuarded === true }, out);
      break;
    }
    case 'unsigned':
      out.ascii(String(asUnsigned(record.integer(value.field))));
      break;
    case 'signed':
      out.ascii(String(record.integer(value.field)));
      break;
    case 'month':
      out.ascii(goMonth(record.integer(value.field)));
      break;
    case 'go-time':
      out.ascii(goTimeText(record.time(value.field)));
      break;
    case 'list':
      writeList(record, value, out);
      break;
    case 'city-names':
      writeCsvText(joinedNames(record.cityNames()), out, value.isGuarded === true);
      break;
    case 'truncated':
      out.ascii(String(truncatedToUnsigned(record.float(value.field))));
      break;
    case 'flag':
      out.ascii(String(record.flag(value.field)));
      break;
    case 'float':
      out.ascii(String(record.float(value.field)));
      break;
    case 'graph-types':
      writeCsvText(joinedTypes(record.graphTypes()), out, value.isGuarded === true);
      break;
    case 'graph-errors': {
      const messages = (record.graphErrors() ?? []).map(({ message }) => message);
      writeCsvText(messages.join(';'), out, value.isGuarded === true);
      break;
    }
    case 'constant':
      writeCsvText(value.text, out);
      break;
    default:
      value satisfies never;
  }
}

const scratch = new ByteWriter(256);

function writeList(
  record: SpannedRecord,
  { field, isGuarded }: Extract<CsvValue, { form: 'list' }>,
  out: ByteWriter,
): void {
  const texts = record.spans(slotOf[field]);
  if (texts === undefined) return;
  scratch.clear();
  for (let index = 0; index < texts.count; index++) {
    if (index > 0) scratch.byte(semicolon);
    scratch.bytes(texts.source, texts.bounds[2 * index], texts.bounds[2 * index + 1]);
  }
  writeCell(scratch.view(), { start: 0, end: scratch.length, isGuarded: isGuarded === true }, out);
}

const joinedNames = (names: ReadonlyMap<string, string> | null): string =>
  [...(names ?? [])]
    .sort(([left], [right]) => compareUtf8(left, right))
    .map(([key, name]) => `${key}:${name}`)
    .join(';');

const joinedTypes = (types: ReadonlyMap<string, readonly string[] | null> | null): string =>
  [...(types ?? [])]
    .sort(([left], [right]) => compareUtf8(left, right))
    .flatMap(([key, names]) => (names ?? []).map((name) => `${key}:${name}`))
    .join(';');

export function writeCsvText(text: string, out: ByteWriter, isGuarded = false): void {
  const bytes = Buffer.from(text);
  writeCell(bytes, { start: 0, end: bytes.length, isGuarded }, out);
}

function writeCell(
  source: Uint8Array,
  { start, end, isGuarded }: { start: number; end: number; isGuarded: boolean },
  out: ByteWriter,
): void {
  if (!isGuarded || !beginsFormula(source, start, end)) {
    writeField(source, start, end, out);
    return;
  }
  const text = Buffer.alloc(end - start + 1, apostrophe);
  text.set(source.subarray(start, end), 1);
  writeField(text, 0, text.length, out);
}

function writeField(source: Uint8Array, start: number, end: number, out: ByteWriter): void {
  if (!needsQuotes(source, start, end)) {
    out.bytes(source, start, end);
    return;
  }
  out.byte(quote);
  for (let at = start; at < end; at++) {
    const byte = source[at] as number;
    if (byte === quote) out.byte(quote);
    out.byte(byte);
  }
  out.byte(quote);
}

function needsQuotes(source: Uint8Array, start: number, end: number): boolean {
  if (start === end) return false;
  // `\.` alone ends a COPY into PostgreSQL.
  if (end - start === 2 && source[start] === 0x5c && source[start + 1] === 0x2e) return true;
  for (let at = start; at < end; at++) {
    const byte = source[at];
    if (byte === comma || byte === quote || byte === lineFeed || byte === 0x0d) return true;
  }
  return beginsWithSpace(source, start, end);
}

/** Unicode's White_Space, as Go's unicode.IsSpace. */
const wideSpace = /^[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function beginsWithSpace(source: Uint8Array, start: number, end: number): boolean {
  const first = source[start] as number;
  if (first < 0x80) return first === 0x20 || (first >= 0x09 && first <= 0x0d);
  const size = sequenceLength(source, start, end);
  return size > 0 && wideSpace.test(Buffer.from(source.subarray(start, start + size)).toString());
}
