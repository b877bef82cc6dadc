/*
 * Records as entries of HAR 1.2, for whoever exports calls: pumps through their kit, and what shows records to people. What a record has no
 * payload of is made from its fields: method, address, status, times. What HAR has no place for stands under names that begin with `_`.
 */
import { isIP } from 'node:net';
import type { AnalyticsRecord } from '../record.ts';
import { contentOf, textOrBase64 } from './content.ts';
import { type MessageParts, messageParts, valueOf, valuesOf } from './message.ts';

interface Pair {
  readonly name: string;
  readonly value: string;
}

/** An entry as a line of JSON. */
export const harEntry = (record: AnalyticsRecord): string => JSON.stringify(entryOf(record));

/** What stands before the first entry, and behind the last. */
export const harHead =
  '{"log":{"version":"1.2","creator":{"name":"Sluice","version":"1"},"entries":[\n';
export const harTail = '\n]}}\n';

function entryOf(record: AnalyticsRecord): object {
  const tags = record.list('tags') ?? [];
  const { seconds, nanos } = record.time('timestamp');
  const millis = Math.min(Math.max(Number(seconds) * 1000 + Math.floor(nanos / 1e6), 0), latest);
  const peer = tagged(tags, 'cap-peer-').replace(/:\d+$/, '').replaceAll(/[[\]]/g, '');
  return {
    startedDateTime: new Date(millis).toISOString(),
    ...timesOf(record),
    request: requestOf(record, tags),
    response: responseOf(record, tags),
    cache: {},
    ...(isIP(peer) > 0 ? { serverIPAddress: peer } : {}),
    ...said('_client', record.text('ip_address')),
    ...said('_api_id', record.text('api_id')),
    ...said('_api_name', record.text('api_name')),
    ...(tags.length === 0 ? {} : { _tags: tags }),
  };
}

/** The last millisecond that has a year of four digits. */
const latest = 253_402_300_799_999;

const said = (name: string, value: string): object => (value === '' ? {} : { [name]: value });

const tagged = (tags: readonly string[], prefix: string): string =>
  tags.find((tag) => tag.startsWith(prefix))?.slice(prefix.length) ?? '';

function timesOf(record: AnalyticsRecord): object {
  const total = Math.max(0, Number(record.integer('request_time')));
  const upstream = Math.max(0, Number(record.integer('latency.upstream')));
  // Where nobody knows what was waiting, all of it was.
  const wait = upstream === 0 ? total : Math.min(upstream, total);
  const none = { blocked: -1, dns: -1, connect: -1, ssl: -1 };
  return { time: total, timings: { ...none, send: 0, wait, receive: total - wait } };
}

function requestOf(record: AnalyticsRecord, tags: readonly string[]): object {
  const message = payloadOf(record, 'raw_request');
  const [method, target, version] = message?.start ?? [
    record.text('method') || 'GET',
    record.text('raw_path') || record.text('path') || '/',
    'HTTP/1.1',
  ];
  const url = urlOf(target, message === undefined ? '' : valueOf(message, 'host'), record, tags);
  const agent = record.text('user_agent');
  const headers = message?.headers ?? (agent === '' ? [] : [{ name: 'User-Agent', value: agent }]);
  const content = message === undefined ? Buffer.alloc(0) : contentOf(message);
  const length = Number(record.integer('content_length'));
  const body = textOrBase64(content);
  const type = message === undefined ? '' : valueOf(message, 'content-type');
  return {
    ...{ method, url, httpVersion: version || 'HTTP/1.1', headers },
    cookies: message === undefined ? [] : valuesOf(message, 'cookie').flatMap(cookiesIn),
    queryString: queryOf(url),
    ...(content.length === 0
      ? {}
      : {
          postData: {
            mimeType: type,
            text: body.text,
            ...(body.isBase64 ? { _encoding: 'base64' } : {}),
          },
        }),
    headersSize: message?.headSize ?? -1,
    bodySize: Math.max(length, message?.body.length ?? 0, 0),
  };
}

function responseOf(record: AnalyticsRecord, tags: readonly string[]): object {
  const status = Number(record.integer('response_code'));
  const message = payloadOf(record, 'raw_response');
  const content = message === undefined ? Buffer.alloc(0) : contentOf(message);
  const { text, isBase64 } = textOrBase64(content);
  const error = tagged(tags, 'cap-error-');
  return {
    ...{
      status,
      statusText: message?.start[2] ?? '',
      httpVersion: message?.start[0] ?? 'HTTP/1.1',
    },
    headers: message?.headers ?? [],
    cookies: message === undefined ? [] : valuesOf(message, 'set-cookie').flatMap(firstCookie),
    content: {
      size: content.length,
      mimeType: message === undefined ? '' : valueOf(message, 'content-type'),
      ...(content.length === 0 ? {} : { text, ...(isBase64 ? { encoding: 'base64' } : {}) }),
    },
    redirectURL: message === undefined ? '' : valueOf(message, 'location'),
    headersSize: message?.headSize ?? -1,
    bodySize: message?.body.length ?? -1,
    ...said('_error', error),
  };
}

/** A payload is base64, or the message itself where an edit has decoded it. */
function payloadOf(
  record: AnalyticsRecord,
  field: 'raw_request' | 'raw_response',
): MessageParts | undefined {
  const bytes = record.utf8(field);
  if (bytes.length === 0) return undefined;
  const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // A message has a space in its first line, and base64 none.
  return payload.subarray(0, 16).includes(' ')
    ? messageParts(payload)
    : messageParts(Buffer.from(payload.toString('latin1'), 'base64'));
}

function urlOf(
  target: string,
  header: string,
  record: AnalyticsRecord,
  tags: readonly string[],
): string {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(target)) return target;
  // A gateway's records do not say which it was.
  const scheme = tags.some((tag) => tag.startsWith('cap-tls-')) ? 'https' : 'http';
  const host = header || record.text('host') || 'unknown.invalid';
  return target.startsWith('/') ? `${scheme}://${host}${target}` : `${scheme}://${target}`;
}

function queryOf(url: string): readonly Pair[] {
  const at = url.indexOf('?');
  if (at < 0) return [];
  return [...new URLSearchParams(url.slice(at + 1))].map(([name, value]) => ({ name, value }));
}

const cookiesIn = (header: string): readonly Pair[] =>
  header.split(';').flatMap((part) => {
    const [, name, value] = /^\s*([^=\s]+)=(.*?)\s*$/.exec(part) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });

const firstCookie = (header: string): readonly Pair[] => cookiesIn(header.split(';')[0] ?? '');
