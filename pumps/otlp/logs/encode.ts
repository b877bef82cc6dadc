import {
  type Batch,
  ByteWriter,
  integerReader,
  jsonWriter,
  type Millis,
  type RecordTime,
  type RecordWriter,
  type Shape,
} from '#pump';
import type { Envelope } from '../envelope.ts';
import { beginMessage, endMessage, putBytes, putFixed32, putFixed64, putNumber } from '../proto.ts';
import { keyOf, putText, putTextValue } from '../value.ts';
import { attributesWriter, validText } from './attributes.ts';
import { type RequestHead, readRequestHead } from './request-head.ts';

/** Writes a batch as a request; what it gives lies in `out`. */
export type LogsEncoder = (batch: Batch, now: Millis, out: ByteWriter) => Buffer;

export interface LogParts {
  /** What stands where: as attributes, with a line as the body, or as JSON in the body. */
  readonly body: 'line' | 'document';
  readonly document: Shape;
  readonly envelope: Envelope;
}

/** Of `ScopeLogs`, and of `LogRecord`. */
const records = 2;
const fieldOf = {
  ...{ time: 1, severity: 2, severityText: 3, body: 5, attributes: 6, flags: 8 },
  ...{ traceId: 9, spanId: 10, observed: 11 },
} as const;

export function logsEncoder({ body, document, envelope }: LogParts): LogsEncoder {
  const writeContent = body === 'line' ? lineAndAttributes(document) : jsonBody(document);
  const statusOf = integerReader('response_code');
  return (batch, now, out) => {
    envelope.begin(out);
    const observed = BigInt(Math.trunc(now)) * 1_000_000n;
    for (const entry of batch.entries) {
      const { record } = entry;
      const start = beginMessage(out, records);
      const time = nanosOf(record.time('timestamp'));
      if (time > 0n) putFixed64(out, fieldOf.time, time);
      const { number, text } = severityOf(statusOf(record));
      putNumber(out, fieldOf.severity, number);
      if (number > 0) putBytes(out, fieldOf.severityText, text);
      writeContent(record, out);
      putText(out, idKey, Buffer.from(entry.id));
      const head = readRequestHead(record.utf8('raw_request'));
      if (head.version !== '') putText(out, versionKey, Buffer.from(head.version));
      putTrace(head, out);
      putFixed64(out, fieldOf.observed, observed);
      endMessage(out, start);
    }
    return envelope.end(out);
  };
}

/** The conventions' own for what tells a record from all others: who gets one twice may throw one away. */
const idKey = keyOf(fieldOf.attributes, 'log.record.uid');
const versionKey = keyOf(fieldOf.attributes, 'network.protocol.version');

function putTrace({ trace }: RequestHead, out: ByteWriter): void {
  if (trace === undefined) return;
  putFixed32(out, fieldOf.flags, trace.flags);
  putBytes(out, fieldOf.traceId, trace.traceId);
  putBytes(out, fieldOf.spanId, trace.spanId);
}

interface Severity {
  readonly number: number;
  readonly text: Buffer;
}

const severity = (number: number, text: string): Severity => ({ number, text: Buffer.from(text) });
const [unknown, info, warn, error] = [
  severity(0, ''),
  severity(9, 'INFO'),
  severity(13, 'WARN'),
  severity(17, 'ERROR'),
] as const;

/** By the class of the status; none where there was no answer. */
function severityOf(status: number | bigint): Severity {
  if (status < 100) return unknown;
  if (status < 400) return info;
  return status < 500 ? warn : error;
}

const mostNanos = 2n ** 64n - 1n;

/** 0, which says nothing, for a time that has no such number. */
function nanosOf({ seconds, nanos }: RecordTime): bigint {
  const all = BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
  return all > 0n && all <= mostNanos ? all : 0n;
}

/** The line says nothing that the document does not. */
function lineAndAttributes(document: Shape): RecordWriter {
  const writeAttributes = attributesWriter(document);
  const names = new Set(fieldsOf(document));
  const line = new ByteWriter(256);
  const part = (utf8: Uint8Array): void => {
    if (utf8.length === 0) return;
    if (line.length > 0) line.byte(space);
    line.bytes(utf8);
  };
  return (record, out) => {
    line.clear();
    if (names.has('method')) part(validText(record, 'method'));
    if (names.has('path')) part(validText(record, 'path'));
    if (names.has('response_code')) part(Buffer.from(String(record.integer('response_code'))));
    if (line.length > 0) putTextValue(out, fieldOf.body, line.view());
    writeAttributes(record, out);
  };
}

const space = 0x20;

const fieldsOf = (shape: Shape): readonly string[] =>
  shape.flatMap(({ value }) => {
    if (value.form === 'object') return fieldsOf(value.entries);
    return 'field' in value ? [value.field] : [];
  });

function jsonBody(document: Shape): RecordWriter {
  const write = jsonWriter(document);
  const json = new ByteWriter();
  return (record, out) => {
    json.clear();
    write(record, json);
    putTextValue(out, fieldOf.body, json.view());
  };
}
