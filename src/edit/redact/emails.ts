/** Mail addresses around each `@`; letters beyond ASCII count as bytes of UTF-8. */
export function emailsIn(
  text: string,
  isCut: boolean,
  found: (from: number, to: number, at: number) => void,
): void {
  let least = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', Math.max(at + 1, least))) {
    let from = at;
    while (from > least && isLocal(text.charCodeAt(from - 1))) from--;
    while (from < at && text.charCodeAt(from) === 0x27) from++;
    if (from === at) continue;
    const to = domainEnd(text, at + 1, isCut);
    if (to === 0) continue;
    found(from, to, at);
    least = to;
  }
}

/** Where a domain ends that begins at `from`: labels, at least one dot, a last label of two letters; 0 where none is. */
function domainEnd(text: string, from: number, isCut: boolean): number {
  let end = from;
  while (isDomain(text.charCodeAt(end)) && end - from < 255) end++;
  // The rest of it has been cut off.
  if (isCut && end === text.length) return end;
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
