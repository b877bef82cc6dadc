import { tokensOf } from '../headers.ts';
import type { AnswerHead } from '../sides.ts';
import { isValue, readFields } from '../wire/fields.ts';
import { Malformed } from '../wire/malformed.ts';

/** How a body ends: after so many bytes, with its last chunk, or with the connection. */
type Framing = number | 'chunked' | 'connection';

export interface ReadHead extends AnswerHead {
  readonly framing: Framing;
  /** The connection may be used again when the answer is over. */
  readonly isKept: boolean;
  /** Milliseconds that the upstream says it keeps an idle connection; undefined: it says nothing. */
  readonly keptFor: number | undefined;
}

/**
 * The head of an answer. Throws `Malformed` where it has more than one reading: a recipient may not choose one (RFC 9112, 6.3).
 *
 * @param size bytes of it, with the CR LF of the last line, without the empty one
 * @param isHead the answer is to a HEAD, and has no body
 */
export function readAnswerHead(bytes: Buffer, size: number, isHead: boolean): ReadHead {
  const text = bytes.toString('latin1', 0, size);
  const lineEnd = text.indexOf('\r\n');
  const { status, reason, httpVersion } = statusLineOf(bytes, text, lineEnd);
  const rawHeaders = readFields(bytes, text, lineEnd + 2);
  if (rawHeaders === undefined)
    throw new Malformed('a header has characters that none may have, or is folded');
  let length: number | undefined;
  let isChunked = false;
  let isKept = httpVersion === '1.1';
  let keptFor: number | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    // By its length first: most headers are none of these.
    switch (name.length) {
      case 10: {
        const lower = name.toLowerCase();
        if (lower === 'connection') isKept = keeps(value, isKept);
        else if (lower === 'keep-alive') keptFor = keptForOf(value) ?? keptFor;
        break;
      }
      case 14:
        if (name.toLowerCase() !== 'content-length') break;
        if (length !== undefined || !/^\d{1,15}$/.test(value))
          throw new Malformed('it has more than one length, or one that is no number');
        length = Number(value);
        break;
      case 17:
        if (name.toLowerCase() !== 'transfer-encoding') break;
        if (isChunked || value.toLowerCase() !== 'chunked')
          throw new Malformed('it has a Transfer-Encoding other than chunked');
        isChunked = true;
        break;
      default:
    }
  }
  if (isChunked && length !== undefined)
    throw new Malformed('it has a length beside a Transfer-Encoding');
  // RFC 9112, 6.1: HTTP/1.0 has no chunks. What is behind them cannot be trusted to be an answer.
  if (isChunked && httpVersion === '1.0') isKept = false;
  const hasBody = !isHead && status >= 200 && status !== 204 && status !== 304;
  const framing = hasBody ? (isChunked ? 'chunked' : (length ?? 'connection')) : 0;
  if (framing === 'connection') isKept = false;
  return { status, reason, rawHeaders, length, httpVersion, framing, keptFor, isKept };
}

interface StatusLine {
  readonly status: number;
  readonly reason: string;
  readonly httpVersion: string;
}

/** Where its parts begin, for the version has one digit, and the status three (RFC 9112, 4). */
const [statusAt, reasonAt] = ['HTTP/1.1 '.length, 'HTTP/1.1 200 '.length];

/** Without a regular expression, which makes a list of its groups for each answer. */
function statusLineOf(bytes: Uint8Array, text: string, end: number): StatusLine {
  const isNew = text.startsWith('HTTP/1.1 ');
  const status = Number(text.slice(statusAt, reasonAt - 1));
  const reason = text.slice(reasonAt, end);
  const isFormed =
    (isNew || text.startsWith('HTTP/1.0 ')) &&
    isStatus(bytes) &&
    (end === reasonAt - 1 || (end >= reasonAt && bytes[reasonAt - 1] === 0x20));
  if (!isFormed || !isValue(reason)) throw new Malformed('it does not begin with a status line');
  return { status, reason, httpVersion: isNew ? '1.1' : '1.0' };
}

function isStatus(bytes: Uint8Array): boolean {
  for (let at = statusAt; at < reasonAt - 1; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < (at === statusAt ? 1 : 0) || digit > 9) return false;
  }
  return true;
}

function keeps(value: string, isKept: boolean): boolean {
  const lower = value.toLowerCase();
  if (lower === 'keep-alive') return true;
  const tokens = tokensOf(lower);
  return !tokens.includes('close') && (isKept || tokens.includes('keep-alive'));
}

function keptForOf(value: string): number | undefined {
  const seconds = /timeout=(\d+)/.exec(value)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
