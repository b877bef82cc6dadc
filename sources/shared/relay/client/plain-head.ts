import { screen } from '../screen.ts';
import { readFields } from '../wire/fields.ts';

/** A head of which there can be no two opinions. */
export interface PlainHead {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly rawHeaders: readonly string[];
  /** Bytes of the body; 0: there is none. */
  readonly bodyLength: number;
  /** Undefined: the head does not say. */
  readonly contentLength: number | undefined;
  /** The client asks for nothing more behind it. */
  readonly isLast: boolean;
  /** Bytes of the head itself. */
  readonly size: number;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Paths as RFC 3986 has them. Others may be served, but not here. */
const plainTarget = /^\/[\w.~!$&'()*+,;=:@%/?-]*$/;
const version = ' HTTP/1.1';
const endOfHead = Buffer.from('\r\n\r\n');

/**
 * The head of a request that is as plain as most are: all of it is there, in HTTP/1.1, of a usual method, for a path, with a
 * length or without a body. Undefined for any other, which Node's parser reads from its first byte and judges (http1-server.ts):
 * so nothing is refused here, and nothing is served here that would not be served there, and in the same way.
 *
 * @param most bytes of a head
 */
export function readPlainHead(bytes: Buffer, most: number): PlainHead | undefined {
  const end = bytes.indexOf(endOfHead);
  if (end < 0 || end + endOfHead.length > most) return undefined;
  const text = bytes.toString('latin1', 0, end + 2);
  const lineEnd = text.indexOf('\r\n');
  const space = text.indexOf(' ');
  const targetEnd = lineEnd - version.length;
  if (space < 0 || space >= targetEnd || !text.startsWith(version, targetEnd)) return undefined;
  const method = text.slice(0, space);
  const target = text.slice(space + 1, targetEnd);
  // A tab is a blank to some and a character to others.
  if (!methods.has(method) || !plainTarget.test(target) || text.includes('\t')) return undefined;
  const rawHeaders = readFields(bytes, text, lineEnd + 2);
  if (rawHeaders === undefined) return undefined;
  const screened = screen({ method, url: target, httpVersion: '1.1', rawHeaders }, false);
  if ('reason' in screened || screened.isChunked || screened.host === '') return undefined;
  const connection = connectionOf(rawHeaders);
  if (connection === undefined) return undefined;
  const { host, contentLength } = screened;
  const [bodyLength, size] = [contentLength ?? 0, end + endOfHead.length];
  const isLast = connection === 'close';
  // Behind the last request there may be nothing.
  if (isLast && bytes.length > size + bodyLength) return undefined;
  return { method, target, host, rawHeaders, contentLength, bodyLength, isLast, size };
}

/** What becomes of the connection; undefined: something that is not plain. */
function connectionOf(rawHeaders: readonly string[]): 'close' | 'keep-alive' | undefined {
  let found: 'close' | 'keep-alive' | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // By its length first: most headers are none of these.
    if (name.length === 6 && name.toLowerCase() === 'expect') return undefined;
    if (name.length === 7 && name.toLowerCase() === 'upgrade') return undefined;
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    const value = rawHeaders[at + 1]?.toLowerCase();
    if (found !== undefined || (value !== 'close' && value !== 'keep-alive')) return undefined;
    found = value;
  }
  return found ?? 'keep-alive';
}
