import { headersIn, headSize, isMessage } from '../../edit/redact/head.ts';
import { decodeBase64 } from '../../record/base64.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import type { Call, MessageSeen } from './call.ts';

/** A record as a call. Never throws: what a payload does not hold is not recorded. */
export function callOf(record: AnalyticsRecord): Call {
  const time = record.time('timestamp');
  return {
    time: Number(time.seconds) * 1000 + Math.floor(time.nanos / 1_000_000),
    host: record.text('host').toLowerCase(),
    method: record.text('method').toUpperCase(),
    path: pathOf(record),
    status: Number(record.integer('response_code')),
    latency: Number(record.integer('latency.total')) || Number(record.integer('request_time')),
    request: messageIn(record.utf8('raw_request')),
    response: messageIn(record.utf8('raw_response')),
  };
}

/** The path of the request, which has the prefix that the gateway strips. Records carry it without a query, but not all do. */
function pathOf(record: AnalyticsRecord): string {
  const path = record.text('raw_path') || record.text('path');
  const end = path.search(/[?#]/);
  const bare = end < 0 ? path : path.slice(0, end);
  return bare.startsWith('/') ? bare : `/${bare}`;
}

/** What is no base64 is the message itself: an edit has decoded it already. */
function messageIn(payload: Uint8Array): MessageSeen | undefined {
  if (payload.length === 0) return undefined;
  const source = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const { bytes, isComplete } = decodeBase64(source, 0, source.length);
  return messageOf(isComplete ? bytes : source);
}

/** An HTTP/1 message; undefined where it is none. */
export function messageOf(bytes: Buffer): MessageSeen | undefined {
  const headEnd = headSize(bytes);
  const head = bytes.toString('latin1', 0, headEnd);
  if (!isMessage(head)) return undefined;
  const line = head.indexOf('\n') + 1 || head.length;
  const headers = headersIn(head, line).map(
    ({ name, valueFrom, valueTo }) => [name, head.slice(valueFrom, valueTo)] as const,
  );
  // `100 Continue` and its like: the message itself follows.
  if (/^HTTP\/\d(?:\.\d)? 1\d\d/.test(head) && headEnd < bytes.length)
    return messageOf(bytes.subarray(headEnd));
  const body = bytes.subarray(headEnd);
  const said = headers.find(([name]) => name === 'content-length')?.[1];
  return {
    headers,
    body,
    query: queryOf(head.slice(0, line)),
    isCut: Number(said) > body.length || !/\n\r?\n$/.test(head),
  };
}

function queryOf(startLine: string): string {
  const [, query = ''] = /^[^ ]+ [^ ?]*\?([^ #]*)/.exec(startLine) ?? [];
  return startLine.startsWith('HTTP/') ? '' : query;
}
