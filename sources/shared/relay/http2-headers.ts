import type { OutgoingHttpHeaders } from 'node:http2';
import { isHopByHop, type RawHeaders } from './headers.ts';

/** Names and values alternately, as Node gives them for HTTP/2, without pseudo headers. */
export function withoutPseudo(raw: RawHeaders): string[] {
  const result: string[] = [];
  let cookie = -1;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (name.startsWith(':')) continue;
    if (name === 'cookie' && cookie !== -1) {
      // RFC 9113, 8.2.3: crumbs of one header, which is what HTTP/1.1 knows.
      result[cookie] = `${result[cookie]}; ${raw[i + 1]}`;
      continue;
    }
    if (name === 'cookie') cookie = result.length + 1;
    result.push(name, raw[i + 1] ?? '');
  }
  return result;
}

/** For Node's HTTP/2, which takes an object: names in lower case, repeated ones as lists, nothing of one connection only. */
export function asHttp2(raw: RawHeaders): OutgoingHttpHeaders {
  const headers = Object.create(null) as Record<string, string | string[]>;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const value = raw[i + 1] ?? '';
    // `te: trailers` is the one of them that HTTP/2 knows.
    if (isHopByHop(name) && !(name === 'te' && value === 'trailers')) continue;
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else if (!single.has(name)) headers[name] = [before, value];
  }
  return headers;
}

/** Node refuses to repeat these; the first one counts, as for a client. */
const single = new Set([
  ...[
    'access-control-allow-credentials',
    'access-control-max-age',
    'access-control-request-method',
  ],
  ...['age', 'authorization', 'content-encoding', 'content-language', 'content-length', 'range'],
  ...['content-location', 'content-md5', 'content-range', 'content-type', 'date', 'dnt', 'etag'],
  ...['expires', 'from', 'host', 'if-match', 'if-modified-since', 'if-none-match', 'if-range'],
  ...['if-unmodified-since', 'last-modified', 'location', 'max-forwards', 'proxy-authorization'],
  ...['referer', 'retry-after', 'tk', 'upgrade-insecure-requests', 'user-agent'],
  ...['x-content-type-options', 'te'],
]);
