import { STATUS_CODES } from 'node:http';
import type { BodyCopy, RequestSeen, ResponseSeen } from '../exchange.ts';

/*
 * Messages as texts of HTTP/1.1, which is what a record's `raw_request` and `raw_response` hold in base64, whatever was spoken:
 * HTTP/2 has no text. Headers are as on the wire, in their order and spelling, but for two: a body stands here without the
 * chunks it came in, so `Transfer-Encoding` becomes a `Content-Length`; and a request without a Host header gets what it was
 * meant for.
 */

export function requestText(request: RequestSeen): string {
  const { method, target, host, rawHeaders, body } = request;
  const start = `${method} ${target} ${versionOf(request)}\r\n`;
  const missing = host === '' || hasHeader(rawHeaders, 'host') ? '' : `Host: ${host}\r\n`;
  return inBase64(start + missing + headersText(rawHeaders, body), body);
}

export function responseText(response: ResponseSeen): string {
  const { status, reason, rawHeaders, body } = response;
  const phrase = reason === '' ? (STATUS_CODES[status] ?? '') : reason;
  const start = `${versionOf(response)} ${status} ${phrase}\r\n`;
  return inBase64(start + headersText(rawHeaders, body), body);
}

/** HTTP/2 and 3 are shown as 1.1. */
const versionOf = ({ httpVersion }: { readonly httpVersion: string }): string =>
  httpVersion === '1.0' ? 'HTTP/1.0' : 'HTTP/1.1';

/** The header block with its empty line. */
function headersText(rawHeaders: readonly string[], { length }: BodyCopy): string {
  let text = '';
  let hasLength = hasHeader(rawHeaders, 'content-length');
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      if (!hasLength) text += `Content-Length: ${length}\r\n`;
      hasLength = true;
    } else text += `${name}: ${rawHeaders[at + 1] ?? ''}\r\n`;
  }
  return `${text}\r\n`;
}

/** The first value; a name in lower case. */
export function headerIn(rawHeaders: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const each = rawHeaders[at] ?? '';
    if (each.length === name.length && each.toLowerCase() === name) return rawHeaders[at + 1];
  }
  return undefined;
}

const hasHeader = (rawHeaders: readonly string[], name: string): boolean =>
  headerIn(rawHeaders, name) !== undefined;

/** For one message after the other; larger ones get memory of their own. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

/** Node gives heads as Latin-1, byte for byte. */
function inBase64(head: string, { bytes }: BodyCopy): string {
  const length = head.length + bytes.length;
  const whole = length <= scratch.length ? scratch : Buffer.allocUnsafe(length);
  whole.write(head, 0, 'latin1');
  whole.set(bytes, head.length);
  return whole.toString('base64', 0, length);
}
