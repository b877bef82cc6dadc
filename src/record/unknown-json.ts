import { skipValues } from './msgpack/check.ts';
import { isList, isMap, nil } from './msgpack/codes.ts';
import { recordStruct, type Struct } from './msgpack/layout.ts';
import { type Cursor, readCount, readText } from './msgpack/read.ts';
import { readUnknown, type Unknown } from './msgpack/read-unknown.ts';
import { MsgpackRecord } from './msgpack/record.ts';
import { scanUsual as scanUsualMsgpack } from './msgpack/usual.ts';
import { protobufSlotCount } from './protobuf/layout.ts';
import { unknownInMessage } from './protobuf/read-unknown.ts';
import { ProtobufRecord } from './protobuf/record.ts';
import { scanUsual as scanUsualProtobuf } from './protobuf/usual.ts';
import type { AnalyticsRecord } from './record.ts';
import { slotCount } from './slots.ts';

const scratch = new Int32Array(Math.max(slotCount, protobufSlotCount));

/**
 * The fields of a record that this version does not know, as an object of JSON with the record's own names; undefined where there
 * are none, which is known at once of a record of the usual form. The record has been scanned: what is read is sound.
 * `isGuarded`: somebody looks for secrets in it afterwards, who reads texts. So bytes, and texts that may be base64, are withheld.
 */
export function unknownJson(record: AnalyticsRecord, isGuarded: boolean): string | undefined {
  let found: ReadonlyMap<string, Unknown> | undefined;
  if (record instanceof MsgpackRecord) {
    if (scanUsualMsgpack(record, record.origin, record.size, scratch, 0)) return undefined;
    found = inStruct(recordStruct, { bytes: record.bytes, at: 0 });
  } else if (record instanceof ProtobufRecord) {
    if (scanUsualProtobuf(record, record.origin, record.size, scratch, 0)) return undefined;
    found = unknownInMessage(record.bytes);
  }
  return found === undefined || found.size === 0 ? undefined : onOneLine(written(found, isGuarded));
}

/** Of a struct and those within it; steps over all of it. */
function inStruct(struct: Struct, cursor: Cursor): ReadonlyMap<string, Unknown> {
  const found = new Map<string, Unknown>();
  const code = cursor.bytes[cursor.at] as number;
  if (code === nil) cursor.at++;
  else if (isMap(code)) {
    for (let rest = readCount(cursor); rest > 0; rest--) {
      const key = readText(cursor);
      const field = struct.fields.find(({ name }) => name.toString() === key);
      if (field === undefined) found.set(key, readUnknown(cursor));
      else stepOver(field, key, cursor, found);
    }
  } else if (isList(code)) {
    const count = readCount(cursor);
    const behind: Unknown[] = [];
    for (let index = 0; index < count; index++) {
      const field = struct.fields[index];
      if (field === undefined) behind.push(readUnknown(cursor));
      else stepOver(field, field.name.toString(), cursor, found);
    }
    if (behind.length > 0) found.set('(behind the last)', behind);
  }
  return found;
}

function stepOver(
  { struct }: Struct['fields'][number],
  key: string,
  cursor: Cursor,
  found: Map<string, Unknown>,
): void {
  if (struct === undefined) {
    cursor.at = skipValues(cursor.bytes, cursor.at, 1);
    return;
  }
  const inner = inStruct(struct, cursor);
  if (inner.size > 0) found.set(key, inner);
}

/** Ends of lines to some readers; in JSON they stand in texts alone. */
const onOneLine = (json: string): string =>
  json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

/** What stands for a value that cannot be looked through. */
const withheld = '"[redacted]"';

function written(value: Unknown, isGuarded: boolean): string {
  if (isObject(value)) {
    const entries = [...value].map(
      ([key, inner]) => `${JSON.stringify(key)}:${written(inner, isGuarded)}`,
    );
    return `{${entries.join(',')}}`;
  }
  if (isItems(value)) return `[${value.map((item) => written(item, isGuarded)).join(',')}]`;
  if (value instanceof Uint8Array)
    return isGuarded ? withheld : `"${Buffer.from(value).toString('base64')}"`;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string' && isGuarded && mayBeEncoded(value)) return withheld;
  // What is no number in JSON is null.
  return JSON.stringify(value);
}

const isObject = (value: Unknown): value is ReadonlyMap<string, Unknown> => value instanceof Map;
const isItems = (value: Unknown): value is readonly Unknown[] => Array.isArray(value);

/** Base64 of something, perhaps of a message as in `raw_request`; an id of hexadecimal digits is none. */
const mayBeEncoded = (text: string): boolean =>
  text.length >= 24 && /^[A-Za-z0-9+/_\s-]+={0,2}\s*$/.test(text) && !/^[0-9a-f-]+$/i.test(text);
