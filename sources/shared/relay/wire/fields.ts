import type { RawHeaders } from '../headers.ts';

/** What a name may consist of (RFC 9110, 5.6.2), and a value: no control characters but the tab. */
const [inName, inValue] = [new Uint8Array(256), new Uint8Array(256)];
for (const each of "!#$%&'*+-.^_`|~") inName[each.charCodeAt(0)] = 1;
for (const [first, last] of ['09', 'AZ', 'az'] as const satisfies readonly string[])
  for (let code = (first ?? '').charCodeAt(0); code <= (last ?? '').charCodeAt(0); code++)
    inName[code] = 1;
for (let code = 0x20; code <= 0xff; code++) inValue[code] = code === 0x7f ? 0 : 1;
inValue[9] = 1;

const [tab, lineFeed, carriageReturn, space, colon] = [9, 10, 13, 32, 58];

/**
 * The header lines of a head, each with its CR LF, as names and values alternately; values without the blanks around them.
 * Undefined where one is not `name: value` as RFC 9112 has it: nothing is mended, for two readers would mend differently.
 *
 * @param bytes what is looked at: numbers, for V8 looks up how to read a text at each of its characters
 * @param text the same as Latin-1, a character for each byte, up to the end of the last line
 */
export function readFields(bytes: Uint8Array, text: string, from: number): string[] | undefined {
  const raw: string[] = [];
  const { length } = text;
  let at = from;
  while (at < length) {
    const nameAt = at;
    while (at < length && inName[bytes[at] ?? 0] === 1) at++;
    if (at === nameAt || bytes[at] !== colon) return undefined;
    const name = text.slice(nameAt, at++);
    while (at < length && isBlank(bytes[at])) at++;
    const valueAt = at;
    while (at < length && inValue[bytes[at] ?? 0] === 1) at++;
    if (at + 1 >= length || bytes[at] !== carriageReturn || bytes[at + 1] !== lineFeed)
      return undefined;
    let end = at;
    while (end > valueAt && isBlank(bytes[end - 1])) end--;
    raw.push(name, text.slice(valueAt, end));
    at += 2;
  }
  return raw;
}

/** Whether a name may have it. */
export const isNameByte = (byte: number): boolean => inName[byte] === 1;

const isBlank = (byte: number | undefined): boolean => byte === space || byte === tab;

/** Whether it may stand behind a status, or as the value of a header. */
export const isValue = (text: string): boolean => !/[^\t\u0020-\u007e\u0080-\u00ff]/.test(text);

const isName = (text: string): boolean => /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/.test(text);

/** The lines of these headers. Throws at a character that would end one, or make two readers see different ones. */
export function fieldLines(raw: RawHeaders): string {
  let text = '';
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    if (!isName(name) || !isValue(value))
      throw new TypeError('a header has characters that none may have');
    text += `${name}: ${value}\r\n`;
  }
  return text;
}
