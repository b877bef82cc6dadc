import { isUtf8 } from 'node:buffer';

/** How a text is read: what is none may hold an address, and by chance what looks like one. */
export interface EmailReading {
  /** The end is missing. */
  readonly isCut: boolean;
  readonly isText: boolean;
}

/** Mail addresses around each `@`. Letters beyond ASCII count where they are UTF-8. */
export function emailsIn(
  text: string,
  { isCut, isText }: EmailReading,
  found: (from: number, to: number, at: number) => void,
): void {
  let least = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', Math.max(at + 1, least))) {
    const from = localBegin(text, at, least, isText);
    if (from === at) continue;
    const to = domainEnd(text, at + 1, isCut, isText);
    if (to === 0 || (!isText && (at - from < 2 || text.indexOf('.', at) < at + 3))) continue;
    found(from, to, at);
    least = to;
  }
}

function localBegin(text: string, at: number, least: number, isText: boolean): number {
  let from = at;
  while (from > least && isLocal(text.charCodeAt(from - 1))) from--;
  if (!isText || !isValid(text, from, at)) {
    from = at;
    while (from > least && isAsciiLocal(text.charCodeAt(from - 1))) from--;
  }
  while (from < at && text.charCodeAt(from) === 0x27) from++;
  return from === at && isText ? quotedBegin(text, at, least) : from;
}

const longestLocal = 64;

/** `"joe doe"@`, whose quotes may be escaped. */
function quotedBegin(text: string, at: number, least: number): number {
  if (text.charCodeAt(at - 1) !== 0x22) return at;
  const bound = Math.max(least, at - longestLocal - 4);
  for (let from = at - 2; from >= bound; from--) {
    const code = text.charCodeAt(from);
    if (code < 0x20) return at;
    if (code === 0x22) return from;
  }
  return at;
}

/** Where a domain ends that begins at `from`: labels, at least one dot, a last label of two letters; 0 where none is. */
function domainEnd(text: string, from: number, isCut: boolean, isText: boolean): number {
  if (text.charCodeAt(from) === 0x5b) return literalEnd(text, from);
  let end = from;
  while (isDomain(text.charCodeAt(end)) && end - from < 255) end++;
  // The rest of it has been cut off.
  if (isCut && end === text.length) return end;
  if (!isText || !isValid(text, from, end)) {
    end = from;
    while (isDomain(text.charCodeAt(end)) && text.charCodeAt(end) < 0x80 && end - from < 255) end++;
  }
  const domain = text.slice(from, end);
  let last = domain.length;
  while (last > 0 && !isLetterOrDigit(domain.charCodeAt(last - 1))) last--;
  for (
    let dot = domain.lastIndexOf('.', last - 1);
    dot > 0;
    dot = domain.lastIndexOf('.', dot - 1)
  ) {
    const label = domain.slice(dot + 1, last);
    if (isTopLevel(label)) return isPicture(domain, label) ? 0 : from + last;
    last = dot;
  }
  return 0;
}

/** `[192.0.2.1]`, `[IPv6:2001:db8::1]` */
function literalEnd(text: string, from: number): number {
  const literal = /\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9A-Fa-f:.]{2,45})\]/iy;
  literal.lastIndex = from;
  return literal.test(text) ? literal.lastIndex : 0;
}

const isValid = (text: string, from: number, to: number): boolean => {
  const part = text.slice(from, to);
  return !/[\x80-\xff]/.test(part) || isUtf8(Buffer.from(part, 'latin1'));
};

const isTopLevel = (label: string): boolean =>
  /^(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{2,60})$/.test(label) || /^[\x80-\xff]{2,}$/.test(label);

/** `logo@2x.png` */
const isPicture = (domain: string, label: string): boolean =>
  /^\dx\./.test(domain) && /^(?:png|jpe?g|gif|webp|svg|avif)$/i.test(label);

const isLetterOrDigit = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  (code >= 0x80 && code <= 0xff);

const isDomain = (code: number): boolean => isLetterOrDigit(code) || code === 0x2d || code === 0x2e;

const localSigns: ReadonlySet<number> = new Set(Buffer.from("!#$%'*+-.^_`{|}~"));
const isLocal = (code: number): boolean => isLetterOrDigit(code) || localSigns.has(code);
const isAsciiLocal = (code: number): boolean => code < 0x80 && isLocal(code);
