import { skipValues } from './check.ts';
import { integerSizes, isFixedText, isList, isMap, nil } from './codes.ts';
import {
  type Cursor,
  locateText,
  readCount,
  readFloat,
  readInteger,
  readText,
  unsigned,
} from './read.ts';

/** A value of any type. Bytes are what is neither a text nor a number. */
export type Unknown =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Unknown[]
  | ReadonlyMap<string, Unknown>;

/** What is nested deeper is null: recursion has its end, and so have those who read it. */
const deepest = 64;

/** Extensions: 0xc7 to 0xc9 have sizes of one, two and four bytes, 0xd4 to 0xd8 have fixed ones. */
const isExtension = (code: number): boolean =>
  (code >= 0xc7 && code <= 0xc9) || (code >= 0xd4 && code <= 0xd8);

/** Steps over the value at the cursor, which the scanner has passed, and gives it. */
export function readUnknown(cursor: Cursor, depth = 0): Unknown {
  const { bytes, at } = cursor;
  const code = bytes[at] as number;
  if (depth > deepest || isExtension(code)) {
    cursor.at = skipValues(bytes, at, 1);
    return isExtension(code) ? extension(bytes.subarray(at, cursor.at)) : null;
  }
  if (code === nil || code === 0xc2 || code === 0xc3) {
    cursor.at++;
    return code === nil ? null : code === 0xc3;
  }
  if (isFixedText(code) || (code >= 0xd9 && code <= 0xdb)) return readText(cursor);
  if (code >= 0xc4 && code <= 0xc6) {
    const span = { source: bytes, start: 0, end: 0 };
    locateText(bytes, at, span);
    cursor.at = span.end;
    return bytes.subarray(span.start, span.end);
  }
  if (isList(code)) {
    const items: Unknown[] = [];
    for (let rest = readCount(cursor); rest > 0; rest--) items.push(readUnknown(cursor, depth + 1));
    return items;
  }
  if (isMap(code)) {
    const entries = new Map<string, Unknown>();
    for (let rest = readCount(cursor); rest > 0; rest--) {
      const key = keyOf(readUnknown(cursor, depth + 1));
      entries.set(key, readUnknown(cursor, depth + 1));
    }
    return entries;
  }
  cursor.at = skipValues(bytes, at, 1);
  if (code === 0xca || code === 0xcb) return readFloat(bytes, at);
  if ((integerSizes[code] as number) === 0) return null;
  const value = readInteger(bytes, at);
  return code === 0xcf ? unsigned(value) : value;
}

/** Keys of JSON are texts. */
function keyOf(key: Unknown): string {
  if (key instanceof Uint8Array) return Buffer.from(key).toString('base64');
  return typeof key === 'object' ? '' : String(key);
}

/** Of the whole value; a time becomes RFC 3339, everything else stays bytes. */
function extension(value: Buffer): Unknown {
  const code = value[0] as number;
  const header = code < 0xd0 ? 2 ** (code - 0xc7) : 0;
  const type = value[1 + header];
  const data = value.subarray(2 + header);
  if (type !== 0xff) return data;
  return timeOf(data) ?? data;
}

/** The three forms of the timestamp extension; undefined: none of them, or no date that there is. */
function timeOf(data: Buffer): string | undefined {
  let [seconds, nanos] = [0n, 0];
  if (data.length === 4) seconds = BigInt(data.readUInt32BE(0));
  else if (data.length === 8) {
    const both = data.readBigUInt64BE(0);
    [seconds, nanos] = [both & 0x3_ffff_ffffn, Number(both >> 34n)];
  } else if (data.length === 12) [seconds, nanos] = [data.readBigInt64BE(4), data.readUInt32BE(0)];
  else return undefined;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime()) || nanos > 999_999_999) return undefined;
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  return `${date.toISOString().slice(0, -5)}${fraction}Z`;
}
