import type { ByteWriter } from '../../lib/byte-writer.ts';
import type { GraphError } from '../record.ts';
import type { Spans } from '../span.ts';
import { compareUtf8 } from '../utf8.ts';
import { jsonFloat } from '../write/go-value.ts';
import { writeJsonString, writeJsonText } from '../write/json-text.ts';

export function writeJsonFloat(out: ByteWriter, value: number): void {
  // Go's JSON fails for NaN and infinities and loses the record.
  if (!Number.isFinite(value)) out.ascii('null');
  else out.ascii(jsonFloat(value));
}

export function writeJsonTexts(out: ByteWriter, spans: Spans | undefined): void {
  if (spans === undefined) {
    out.ascii('null');
    return;
  }
  const { source, count, bounds } = spans;
  out.byte(0x5b);
  for (let index = 0; index < count; index++) {
    if (index > 0) out.byte(0x2c);
    writeJsonText(out, source, bounds[2 * index] as number, bounds[2 * index + 1] as number);
  }
  out.byte(0x5d);
}

/** Keys in the order of their bytes, as Go's maps. */
export function writeJsonMap<T>(
  out: ByteWriter,
  map: ReadonlyMap<string, T> | null,
  writeValue: (value: T) => void,
): void {
  if (map === null) {
    out.ascii('null');
    return;
  }
  out.byte(0x7b);
  const entries = [...map].sort(([left], [right]) => compareUtf8(left, right));
  entries.forEach(([key, value], index) => {
    if (index > 0) out.byte(0x2c);
    writeJsonString(out, key);
    out.byte(0x3a);
    writeValue(value);
  });
  out.byte(0x7d);
}

export function writeJsonList<T>(
  out: ByteWriter,
  list: readonly T[] | null,
  writeItem: (item: T) => void,
): void {
  if (list === null) {
    out.ascii('null');
    return;
  }
  out.byte(0x5b);
  list.forEach((item, index) => {
    if (index > 0) out.byte(0x2c);
    writeItem(item);
  });
  out.byte(0x5d);
}

export function writeGraphError(out: ByteWriter, error: GraphError): void {
  out.ascii('{"message":');
  writeJsonString(out, error.message);
  out.ascii(',"path":');
  writeJsonAny(out, error.path);
  out.byte(0x7d);
}

/** What the path of a GraphQL error can hold. */
function writeJsonAny(out: ByteWriter, value: unknown): void {
  if (typeof value === 'string') writeJsonString(out, value);
  else if (typeof value === 'number') writeJsonFloat(out, value);
  else if (typeof value === 'bigint' || typeof value === 'boolean') out.ascii(String(value));
  else if (Array.isArray(value))
    writeJsonList<unknown>(out, value, (item) => writeJsonAny(out, item));
  else if (value instanceof Map)
    writeJsonMap<unknown>(out, value, (item) => writeJsonAny(out, item));
  else if (value instanceof Uint8Array) out.ascii(`"${Buffer.from(value).toString('base64')}"`);
  else out.ascii('null');
}

/** JSON as it is; what is none, or has more than one line, as a text, so that the document around it is JSON whatever it says. */
export function writeEmbedded(json: string, out: ByteWriter): void {
  if (json === '') out.ascii('null');
  else if (isOneLineOfJson(json)) out.utf8(json);
  else writeJsonString(out, json);
}

function isOneLineOfJson(text: string): boolean {
  if (/[\n\r\t\u2028\u2029]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
