import { BytesMemo } from '../../record/memo/bytes-memo.ts';
import { headerName } from './head.ts';
import { addressHeaders } from './ip.ts';
import { boundaryOf } from './multipart.ts';
import type { About, Plan, Quiet } from './plan.ts';
import type { Scanner } from './scan/scanner.ts';

/** What the name of a header has to say to whoever looks for nothing. */
type Use = 'none' | 'type' | 'more';

/** Where a text lies in the scanner's memory. */
interface Place {
  source: Buffer;
  from: number;
  to: number;
}

const textAt = ({ source, from, to }: Place): string => source.toString('latin1', from, to);

/**
 * Tells of messages in which nothing can be found, by their bytes: most are of that kind, and what is not made a text of costs a
 * third. It says yes only where all that message.ts, content.ts and find.ts would do comes to nothing; whatever is not plain to
 * see is left to them.
 */
export class QuietTexts implements Quiet {
  readonly #scanner: Scanner;
  readonly #isPossible: boolean;
  readonly #names: BytesMemo<Place, Use>;
  readonly #types: BytesMemo<Place, boolean>;
  readonly #place: Place = { source: Buffer.alloc(0), from: 0, to: 0 };

  constructor(plan: Plan, scanner: Scanner) {
    this.#scanner = scanner;
    this.#isPossible = isPossible(plan);
    this.#names = new BytesMemo({ make: (place) => useOf(textAt(place), plan), most: 2_048 });
    this.#types = new BytesMemo({ make: (place) => isOfOneText(textAt(place)), most: 256 });
  }

  isMessage(bytes: Buffer): boolean {
    if (!this.#isPossible) return false;
    const size = bytes.length;
    let at = startLineEnd(bytes);
    if (at < 0) return false;
    let hasType = false;
    for (;;) {
      let colon = -1;
      let end = at;
      for (; end < size; end++) {
        const code = bytes[end];
        if (code === 0x0a) break;
        if (code === 0x3a && colon < 0) colon = end;
      }
      if (end >= size) return false;
      if (end === at || (end === at + 1 && bytes[at] === 0x0d)) {
        at = end + 1;
        break;
      }
      // A line that goes on with the one before, or that is no header.
      if (colon <= at || (bytes[at] as number) <= 0x20) return false;
      const use = this.#of(this.#names, bytes, at, colon);
      if (use === 'more') return false;
      if (use === 'type') {
        if (hasType || !this.#isOfOneText(bytes, colon + 1, end)) return false;
        hasType = true;
      }
      at = end + 1;
    }
    if (at < size && !isBegin(bytes[at])) return false;
    return (
      this.#scanner.isQuiet(bytes, 0, at) && (at === size || this.#scanner.isQuiet(bytes, at, size))
    );
  }

  isBody(body: Buffer, { type, codings, transfer }: About): boolean {
    return (
      this.#isPossible &&
      codings.length === 0 &&
      transfer.length === 0 &&
      isBegin(body[0]) &&
      isOfOneText(type) &&
      this.#scanner.isQuiet(body, 0, body.length)
    );
  }

  #isOfOneText(bytes: Buffer, valueFrom: number, lineEnd: number): boolean {
    let from = valueFrom;
    let to = lineEnd;
    while (from < to && (bytes[from] as number) <= 0x20) from++;
    while (to > from && (bytes[to - 1] as number) <= 0x20) to--;
    return this.#of(this.#types, bytes, from, to);
  }

  #of<T>(memo: BytesMemo<Place, T>, bytes: Buffer, from: number, to: number): T {
    const place = this.#place;
    place.source = bytes;
    place.from = from;
    place.to = to;
    return memo.of(this.#scanner.view, bytes.byteOffset + from, to - from, place);
  }
}

/** What the scanner does not look for, nobody may want. */
const isPossible = ({ cards, patterns, query, forms, paths }: Plan): boolean =>
  !cards && patterns.length === 0 && query.size === 0 && forms.size === 0 && paths === undefined;

/** How JSON, XML and HTML begin, and neither chunks, parts and messages nor what is compressed or has wide letters. */
const isBegin = (code: number | undefined): boolean =>
  code === 0x7b || code === 0x5b || code === 0x3c;

function useOf(written: string, plan: Plan): Use {
  const { name, isSecret } = headerName(written);
  if (name === 'content-type') return plan.headers.has(name) ? 'more' : 'type';
  const isLookedAt =
    told.has(name) ||
    plan.headers.has(name) ||
    (plan.secrets && isSecret) ||
    (plan.ip !== undefined && addressHeaders.has(name));
  return isLookedAt ? 'more' : 'none';
}

/** They hold cookies, or say how the body is written. */
const told: ReadonlySet<string> = new Set([
  ...['cookie', 'cookie2', 'set-cookie', 'set-cookie2'],
  ...['content-encoding', 'transfer-encoding'],
]);

/** A body of this type has no parts, and letters that begin with a byte of their own. */
const isOfOneText = (type: string): boolean =>
  boundaryOf(type) === undefined && !/charset\s*=\s*"?(?:utf-?|ucs-?)(?:16|32|2|4)/i.test(type);

/** Behind the first line of a message; −1 where it is none, or one that is not as usual. */
function startLineEnd(bytes: Buffer): number {
  let end = 0;
  while (end < bytes.length && bytes[end] !== 0x0a && bytes[end] !== 0x0d) end++;
  const next = bytes[end] === 0x0d ? end + 1 : end;
  if (bytes[next] !== 0x0a) return -1;
  if (isProtocol(bytes, 0)) return next + 1;
  const method = methodEnd(bytes);
  const isRequest = method > 0 && end - 9 > method && bytes[end - 9] === 0x20;
  return isRequest && isProtocol(bytes, end - 8) ? next + 1 : -1;
}

/** `HTTP/` and a digit. */
const isProtocol = (bytes: Buffer, at: number): boolean =>
  bytes[at] === 0x48 &&
  bytes[at + 1] === 0x54 &&
  bytes[at + 2] === 0x54 &&
  bytes[at + 3] === 0x50 &&
  bytes[at + 4] === 0x2f &&
  isDigit(bytes[at + 5]);

const isDigit = (code: number | undefined): boolean =>
  code !== undefined && code >= 0x30 && code <= 0x39;

const longestMethod = 40;

/** The space behind capital letters at the begin; 0 where there is none. */
function methodEnd(bytes: Buffer): number {
  let at = 0;
  while (at < longestMethod && (bytes[at] as number) >= 0x41 && (bytes[at] as number) <= 0x5a) at++;
  return bytes[at] === 0x20 ? at : 0;
}
