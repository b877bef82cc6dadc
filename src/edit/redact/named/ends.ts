import { isSpace } from '../json-text.ts';

/** Where things begin and end in a text whose format is not known. */

/** Bounds on what may stand between a name and its value, so that reading on stays linear. */
const mostSpace = 64;

/** Behind `[]`, `[0]` and the like. */
export function indexEnd(text: string, from: number): number {
  const index = /(?:\[[^\][&=\s]{0,40}\]){1,4}/y;
  index.lastIndex = from;
  return index.test(text) ? index.lastIndex : from;
}

/** The rest of a line, but for a remark behind it. */
export function restEnd(text: string, from: number): number {
  const rest = /(?:[ \t]+[^\s#"'<>{}&;,=\\][^\s"'<>{}&;,=\\]*)+(?=[ \t]*(?:[\r\n#]|$))/y;
  rest.lastIndex = from;
  return rest.test(text) ? rest.lastIndex : from;
}

/** On the same line. */
export function blankEnd(text: string, from: number): number {
  let at = from;
  while (at - from < mostSpace && (text[at] === ' ' || text[at] === '\t')) at++;
  return at;
}

export function spaceEnd(text: string, from: number): number {
  let at = from;
  while (at - from < mostSpace && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Within a line, quotes may end it: a header in a text of JSON. */
export function lineEnd(text: string, from: number, isBegin: boolean): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 && code !== 0x09) break;
    if (!isBegin && (code === 0x22 || code === 0x27 || code === 0x5c || code === 0x3c)) break;
  }
  return at;
}

/** Up to the next parameter, or what no parameter can hold. */
export function formEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x26 || code === 0x0a || code === 0x0d || code === 0) break;
  }
  return at;
}

/** `/path;jsessionid=value?query` */
export function matrixEnd(text: string, from: number): number {
  const end = wordEnd(text, from);
  const [whole = ''] = /^[^;?#]*/.exec(text.slice(from, end)) ?? [];
  return from + whole.length;
}

/** Up to the end of a word; signs that close something, or end a sentence's part, do not belong to it. */
export function wordEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === 0x26 || code === 0x22 || code === 0x3c || code === 0x3e) break;
    if (code === 0x23 && isParameterChar(text, from)) break;
    if (
      (code === 0x2c || code === 0x3b) &&
      (at + 1 >= text.length || text.charCodeAt(at + 1) <= 0x20)
    )
      break;
  }
  while (at > from && /[)}\]']/.test(text[at - 1] ?? '') && !text.slice(from, at).includes('['))
    at--;
  return at;
}

const isParameterChar = (text: string, from: number): boolean => text[from - 1] === '=';

/** Space and the sign of a list may stand before it. */
export function isLineBegin(text: string, from: number): boolean {
  let at = from;
  while (from - at < mostSpace && /[ \t>-]/.test(text[at - 1] ?? '')) at--;
  return at === 0 || text[at - 1] === '\n';
}
