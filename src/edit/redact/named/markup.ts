import { isSpace } from '../json-text.ts';
import { markLength } from '../marks.ts';
import { isNameCode, longestName } from './name-place.ts';
import { type NamedValue, none, value } from './named-value.ts';

/** Values of XML, HTML and multipart bodies. */

/** How far a tag may reach. */
const mostTag = 256;

/** `<name attribute="…">value<`, `<ns:name>value<`, with or without CDATA. */
export function tagValue(
  text: string,
  from: number,
  to: number,
  open: Set<string>,
): NamedValue | undefined {
  let begin = from - 1;
  if (text[begin] === ':') {
    const least = Math.max(0, begin - longestName);
    while (begin > least && isNameCode(text.charCodeAt(begin - 1))) begin--;
    begin--;
    if (text[begin] !== '<') return undefined;
  }
  const next = text.charCodeAt(to);
  if (next !== 0x3e && !isSpace(next)) return undefined;
  let at = to;
  while (text.charCodeAt(at) !== 0x3e)
    if (++at >= text.length || at - to > mostTag) return undefined;
  if (text[at - 1] === '/') return undefined;
  const closing = `</${text.slice(begin + 1, to)}`;
  const end = open.has(closing) ? -1 : text.indexOf(closing, at + 1);
  if (end < 0) open.add(closing);
  const found = end < 0 ? text.indexOf('<', at + 1) : end;
  const last = found < 0 ? text.length : found;
  let first = at + 1;
  const isData = text.startsWith('<![CDATA[', first) && text.startsWith(']]>', last - 3);
  if (isData) first += 9;
  const valueTo = isData ? last - 3 : last;
  if (markLength(text, first) === valueTo - first) return undefined;
  return value(first, valueTo, 'text', none);
}

/** `name="password" value="…"`, and the part of a multipart body that such a name begins. */
export function attributeValue(text: string, from: number, at: number): NamedValue | undefined {
  if (!/(?:name|key|id)$/i.test(text.slice(Math.max(0, from - 6), from - 2))) return undefined;
  const window = text.slice(at, at + mostTag);
  const blank = /^[^\r\n]{0,200}(?:\r?\n[!-9;-~]{1,64}:[^\r\n]{0,200}){0,4}\r?\n\r?\n/.exec(
    text.slice(at, at + mostTag),
  );
  if (blank !== null) {
    const begin = at + blank[0].length;
    const end = text.indexOf('\n--', begin);
    const last = end < 0 ? text.length : text[end - 1] === '\r' ? end - 1 : end;
    if (markLength(text, begin) === last - begin) return undefined;
    return value(begin, last, 'text', none);
  }
  const attribute = /^[^<>]{0,512}?\bvalue\s?=\s?["']/i.exec(window);
  if (attribute === null) return elementText(text, at);
  const begin = at + attribute[0].length;
  const end = text.indexOf(text[begin - 1] ?? '"', begin);
  if (markLength(text, begin) > 0) return undefined;
  return value(begin, end < 0 ? text.length : end, 'text', none);
}

/** `<entry key="password">value<` */
export function elementText(text: string, from: number): NamedValue | undefined {
  const tag = /[^<>\r\n]{0,200}>/y;
  tag.lastIndex = from;
  if (!tag.test(text)) return undefined;
  const begin = tag.lastIndex;
  const end = text.indexOf('<', begin);
  const last = end < 0 ? text.length : end;
  return markLength(text, begin) === last - begin ? undefined : value(begin, last, 'text', none);
}
