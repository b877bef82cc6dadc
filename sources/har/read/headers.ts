import { isObject, listIn, textIn } from './shape.ts';

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Headers as names and values alternately, in their order. A list of `{name, value}` mostly; some write an object. Those of HTTP/2 that begin with a
 * colon are no headers of HTTP/1.1, and neither is what is no token.
 */
export function headersIn(value: unknown): readonly string[] {
  const pairs = isObject(value)
    ? Object.entries(value).map(([name, one]) => [name, textIn(one)] as const)
    : listIn(value).flatMap((one) =>
        isObject(one) ? [[textIn(one['name']), textIn(one['value'])] as const] : [],
      );
  return pairs
    .filter(([name]) => token.test(name))
    .flatMap(([name, text]) => linesOf(name, text).flatMap((line) => [name, onWire(line)]));
}

/** Browsers put all cookies that an answer sets into one, with line feeds between them. Elsewhere a line feed is nothing that a header has. */
const linesOf = (name: string, text: string): readonly string[] =>
  name.toLowerCase() === 'set-cookie'
    ? text.split(/[\r\n]+/).filter((line) => line !== '')
    : [text.replaceAll(/[\r\n]+/g, ' ')];

/** As Node has what came over the wire: each character a byte, of UTF-8. */
export const onWire = (text: string): string =>
  /[^\0-\x7f]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;

/** The value of `:authority` and the like, which `headersIn` leaves out. */
export function pseudoHeader(value: unknown, name: string): string {
  const found = listIn(value).find((one) => isObject(one) && one['name'] === name);
  return isObject(found) ? textIn(found['value']) : '';
}

/** Without those of these names, in lower case. */
export function without(rawHeaders: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!names.has(name.toLowerCase())) kept.push(name, rawHeaders[at + 1] ?? '');
  }
  return kept;
}
