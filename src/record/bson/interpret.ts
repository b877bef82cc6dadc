import type { ByteWriter } from '../../lib/byte-writer.ts';
import { type Field, fields } from '../fields.ts';
import type { AnalyticsRecord, GraphError, Integer, RecordTime } from '../record.ts';
import { slotOf } from '../slots.ts';
import { spanned } from '../span.ts';
import {
  elementTypes,
  writeDocument,
  writeDouble,
  writeHead,
  writeInt32,
  writeInt64,
  writeText,
} from './element.ts';
import type { BsonEntry, BsonShape } from './shape.ts';

/**
 * Writes the elements of a shape, one by one: the reference that programs (compile.ts) are compared to, and what they leave
 * the rare values to.
 */
export function interpretBson(shape: BsonShape, record: AnalyticsRecord, out: ByteWriter): void {
  for (const entry of shape) interpretElement(entry, record, out);
}

/** The same for one element, with its type and its name. */
export function interpretElement(
  { key, value }: BsonEntry,
  record: AnalyticsRecord,
  out: ByteWriter,
): void {
  switch (value.form) {
    case 'constant':
      writeHead(out, elementTypes.text, key);
      writeText(out, Buffer.from(value.text));
      return;
    case 'computed':
      writeComputed(out, key, value.compute(record));
      return;
    case 'object':
      writeHead(out, elementTypes.document, key);
      writeDocument(out, () => interpretBson(value.entries, record, out));
      return;
    case 'field':
      writeField(out, key, fields[slotOf[value.field]] as Field, record);
      return;
  }
  return value satisfies never;
}

function writeField(out: ByteWriter, key: string, field: Field, record: AnalyticsRecord): void {
  switch (field.kind) {
    case 'text':
      writeHead(out, elementTypes.text, key);
      writeText(out, record.utf8(field.name));
      return;
    case 'int32':
      writeInteger(out, key, record.integer(field.name));
      return;
    case 'int64':
      writeLong(out, key, record.integer(field.name));
      return;
    case 'float':
      writeHead(out, elementTypes.double, key);
      writeDouble(out, record.float(field.name));
      return;
    case 'flag':
      writeAny(out, key, record.flag(field.name));
      return;
    case 'time':
      writeHead(out, elementTypes.time, key);
      writeInt64(out, millisOf(record.time(field.name)));
      return;
    case 'list':
      writeTexts(out, key, record, slotOf[field.name]);
      return;
    case 'names':
      writeAny(out, key, record.cityNames() ?? new Map());
      return;
    case 'types':
      writeAny(out, key, record.graphTypes() ?? new Map());
      return;
    case 'errors':
      writeAny(out, key, (record.graphErrors() ?? []).map(errorDocument));
      return;
  }
  return field satisfies never;
}

function writeComputed(out: ByteWriter, key: string, value: string | boolean | Integer): void {
  if (typeof value === 'string' || typeof value === 'boolean') writeAny(out, key, value);
  else writeInteger(out, key, value);
}

/** Go's int: 32 bits where it fits. */
function writeInteger(out: ByteWriter, key: string, value: Integer): void {
  if (value < -(2 ** 31) || value >= 2 ** 31) {
    writeLong(out, key, value);
    return;
  }
  writeHead(out, elementTypes.integer, key);
  writeInt32(out, Number(value));
}

function writeLong(out: ByteWriter, key: string, value: Integer): void {
  writeHead(out, elementTypes.long, key);
  writeInt64(out, value);
}

const millisOf = ({ seconds, nanos }: RecordTime): bigint =>
  BigInt(seconds) * 1_000n + BigInt(Math.trunc(nanos / 1_000_000));

function writeTexts(out: ByteWriter, key: string, record: AnalyticsRecord, slot: number): void {
  writeHead(out, elementTypes.array, key);
  const { source, count, bounds } = spanned(record).spans(slot) ?? nothing;
  writeDocument(out, () => {
    for (let index = 0; index < count; index++) {
      writeHead(out, elementTypes.text, String(index));
      writeText(out, source.subarray(bounds[2 * index], bounds[2 * index + 1]));
    }
  });
}

const nothing = { source: Buffer.alloc(0), count: 0, bounds: [] };

const errorDocument = ({ message, path }: GraphError): ReadonlyMap<string, unknown> =>
  new Map<string, unknown>([
    ['message', message],
    ['path', path ?? []],
  ]);

/** Whatever a GraphQL error's path can hold, too. */
function writeAny(out: ByteWriter, key: string, value: unknown): void {
  if (typeof value === 'string') {
    writeHead(out, elementTypes.text, key);
    writeText(out, Buffer.from(value));
  } else if (typeof value === 'boolean') {
    writeHead(out, elementTypes.flag, key);
    out.byte(value ? 1 : 0);
  } else if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    writeLong(out, key, value as Integer);
  } else if (typeof value === 'number') {
    writeHead(out, elementTypes.double, key);
    writeDouble(out, value);
  } else if (value instanceof Uint8Array) {
    writeHead(out, elementTypes.binary, key);
    writeInt32(out, value.length);
    out.byte(0);
    out.bytes(value);
  } else if (Array.isArray(value)) {
    writeHead(out, elementTypes.array, key);
    writeDocument(out, () => value.forEach((item, index) => writeAny(out, String(index), item)));
  } else if (value instanceof Map) {
    writeHead(out, elementTypes.document, key);
    writeDocument(out, () => {
      for (const [name, item] of value) writeAny(out, String(name), item);
    });
  } else writeHead(out, elementTypes.nil, key);
}
