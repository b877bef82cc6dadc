/**
 * A record as the store keeps it: its own bytes, with recorded messages taken out of their base64. What comes back is the record, byte for
 * byte. One that an edit lies over (`ignore_fields`, `max_record_size`) is written anew first, for its bytes say what was to go.
 *
 * `1`, flags, five integers of four bytes (where the request stood and its length, the same of the response, the length of the rest),
 * then the rest, the request and the response.
 */
import { ContractError } from '../../lib/errors.ts';
import { decoders } from '../../record/decoders.ts';
import { EditedRecord } from '../../record/edited-record.ts';
import { encodeMsgpack } from '../../record/encode/msgpack.ts';
import { type Field, fields } from '../../record/fields.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { slotOf } from '../../record/slots.ts';
import { spanned } from '../../record/span.ts';

const version = 1;
const headSize = 22;
const [isProtobuf, isRequestDecoded, isResponseDecoded] = [1, 2, 4];

/** A record on its way into the store. */
export interface Stored {
  readonly bytes: Buffer;
  /** The recorded messages, as far as they were taken out of their base64; else undefined. */
  readonly request: Buffer | undefined;
  readonly response: Buffer | undefined;
}

/** The same record over bytes of its own: those of a batch are lent until its answer, and a write that was given up goes on beyond it. */
export const ownRecord = (record: AnalyticsRecord): AnalyticsRecord =>
  record instanceof EditedRecord
    ? writtenAnew(record)
    : (decoded(Buffer.from(record.bytes), record.encoding) ??
      raise(new ContractError('a record that was read can be read again')));

/** Many at once, side by side in memory of their own: a buffer for each piece of each record would cost more than all else. */
export function encodeAll(given: readonly AnalyticsRecord[]): readonly Stored[] {
  const records = given.map((each) => (each instanceof EditedRecord ? writtenAnew(each) : each));
  const most = records.reduce((sum, { size }) => sum + headSize + size, 0);
  const memory = Buffer.allocUnsafeSlow(most);
  let at = 0;
  return records.map((record) => {
    const stored = encodeInto(memory, at, record);
    at += stored.bytes.length;
    return stored;
  });
}

function encodeInto(memory: Buffer, start: number, record: AnalyticsRecord): Stored {
  const { bytes: whole } = record;
  const bytes = Buffer.from(whole.buffer, whole.byteOffset, whole.length);
  const request = cutOf(record, bytes, slotOf.raw_request);
  const response = cutOf(record, bytes, slotOf.raw_response);
  const [first, second] = request.at <= response.at ? [request, response] : [response, request];
  let at = start + headSize;
  at += bytes.copy(memory, at, 0, first.at);
  at += bytes.copy(memory, at, first.at + first.length, second.at);
  at += bytes.copy(memory, at, second.at + second.length);
  const restSize = at - start - headSize;
  const requestEnd = putMessage(memory, at, bytes, request);
  const responseEnd = putMessage(memory, requestEnd.at, bytes, response);
  memory[start] = version;
  memory[start + 1] =
    (record.encoding === 'protobuf' ? isProtobuf : 0) |
    (requestEnd.isDecoded ? isRequestDecoded : 0) |
    (responseEnd.isDecoded ? isResponseDecoded : 0);
  memory.writeUInt32LE(request.at, start + 2);
  memory.writeUInt32LE(requestEnd.at - at, start + 6);
  memory.writeUInt32LE(response.at, start + 10);
  memory.writeUInt32LE(responseEnd.at - requestEnd.at, start + 14);
  memory.writeUInt32LE(restSize, start + 18);
  return {
    bytes: memory.subarray(start, responseEnd.at),
    request: requestEnd.isDecoded ? memory.subarray(at, requestEnd.at) : undefined,
    response: responseEnd.isDecoded ? memory.subarray(requestEnd.at, responseEnd.at) : undefined,
  };
}

/** A piece of the record’s bytes that is kept apart. */
interface Cut {
  readonly at: number;
  readonly length: number;
}

/** Nothing where the text does not lie in the record’s bytes. */
function cutOf(record: AnalyticsRecord, bytes: Buffer, slot: number): Cut {
  const { source, start, end } = spanned(record).span(slot);
  const at = source.byteOffset + start - bytes.byteOffset;
  const isWithin =
    source.buffer === bytes.buffer && at >= 0 && at + end - start <= bytes.length && end > start;
  return isWithin ? { at, length: end - start } : { at: 0, length: 0 };
}

/** Out of its base64, if it comes back as the same text; else as it is. */
function putMessage(
  memory: Buffer,
  at: number,
  bytes: Buffer,
  cut: Cut,
): { readonly at: number; readonly isDecoded: boolean } {
  if (cut.length === 0) return { at, isDecoded: false };
  const text = bytes.toString('latin1', cut.at, cut.at + cut.length);
  const end = at + memory.write(text, at, 'base64');
  if (memory.toString('base64', at, end) === text) return { at: end, isDecoded: true };
  return { at: at + bytes.copy(memory, at, cut.at, cut.at + cut.length), isDecoded: false };
}

/** Throws where the bytes are none of ours: the file was damaged. */
export function decodeStored(stored: Uint8Array): AnalyticsRecord {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.length);
  if (bytes.length < headSize || bytes[0] !== version) throw damaged();
  const flags = bytes[1] as number;
  const sizes = [6, 14, 18].map((at) => bytes.readUInt32LE(at));
  const [requestSize = 0, responseSize = 0, restSize = 0] = sizes;
  if (headSize + requestSize + responseSize + restSize !== bytes.length) throw damaged();
  const rest = bytes.subarray(headSize, headSize + restSize);
  const requestAt = headSize + restSize;
  const pieces = [
    {
      at: bytes.readUInt32LE(2),
      text: textOf(bytes.subarray(requestAt, requestAt + requestSize), flags & isRequestDecoded),
    },
    {
      at: bytes.readUInt32LE(10),
      text: textOf(bytes.subarray(requestAt + requestSize), flags & isResponseDecoded),
    },
  ].sort((one, other) => one.at - other.at);
  const parts: Buffer[] = [];
  let [taken, length] = [0, 0];
  for (const { at, text } of pieces) {
    if (text.length === 0) continue;
    parts.push(rest.subarray(taken, taken + at - length), text);
    taken += at - length;
    length = at + text.length;
  }
  const whole = Buffer.concat([...parts, rest.subarray(taken)]);
  const encoding = (flags & isProtobuf) === 0 ? 'msgpack' : 'protobuf';
  return decoded(whole, encoding) ?? raise(damaged());
}

const textOf = (stored: Buffer, isDecoded: number): Buffer =>
  isDecoded === 0 ? stored : Buffer.from(stored.toString('base64'), 'latin1');

const damaged = (): Error => new Error('a stored record is damaged');

function raise(error: Error): never {
  throw error;
}

function decoded(bytes: Buffer, encoding: string): AnalyticsRecord | undefined {
  const decoder = decoders.find(({ name }) => name === encoding);
  return decoder?.decode([bytes]).record(0);
}

/** With what the edits leave, and nothing else. */
function writtenAnew(record: AnalyticsRecord): AnalyticsRecord {
  const tree: Record<string, unknown> = {};
  for (const field of fields) put(tree, field.name.split('.'), valueOf(record, field));
  const again = decoded(encodeMsgpack(tree), 'msgpack');
  return again ?? raise(new ContractError('what was encoded can be decoded'));
}

function put(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = '', ...others] = path;
  if (others.length === 0) tree[key] = value;
  else put((tree[key] ??= {}) as Record<string, unknown>, others, value);
}

function valueOf(record: AnalyticsRecord, field: Field): unknown {
  switch (field.kind) {
    case 'text':
      return record.utf8(field.name);
    case 'int32':
    case 'int64':
      return record.integer(field.name);
    case 'float':
      return record.float(field.name);
    case 'flag':
      return record.flag(field.name);
    case 'time':
      return record.time(field.name);
    case 'list':
      return record.list(field.name);
    case 'names': {
      const names = record.cityNames();
      return names && Object.fromEntries(names);
    }
    case 'types': {
      const types = record.graphTypes();
      return types && Object.fromEntries(types);
    }
    case 'errors':
      return record.graphErrors();
  }
  return field satisfies never;
}
