import { isNumber } from '../json-text.ts';
import { markLength } from '../marks.ts';
import type { NameKind } from '../names.ts';
import { blankEnd, indexEnd, isLineBegin, spaceEnd, wordEnd } from './ends.ts';
import { listValue, pairValue, serialized } from './listed.ts';
import { attributeValue, elementText, tagValue } from './markup.ts';
import type { NamePlace } from './name-place.ts';
import { type NamedValue, none, value } from './named-value.ts';
import { valueAt } from './value-at.ts';

/** The value that follows a name, by the signs between them. */
export function valueAfter(
  text: string,
  name: NamePlace,
  kind: NameKind,
  isForm: boolean,
  /** Elements that are never closed, as far as is known; so that no text is searched for them again and again. */
  open: Set<string>,
): NamedValue | undefined {
  const { from, to } = name;
  const before = text.charCodeAt(from - 1);
  let at = to;
  if (before === 0x3c || before === 0x3a) {
    const inTag = tagValue(text, from, to, open);
    if (inTag !== undefined)
      return kind === 'plural' && isNumber(text.slice(inTag.from, inTag.to)) ? undefined : inTag;
  }
  if (before === 0x3e && text.startsWith('</', to)) {
    // <key>password</key><string>value</string>
    const next = /<\/[\w:.-]{1,64}>\s{0,64}<[\w:.-]{1,64}>/y;
    next.lastIndex = to;
    return next.test(text) ? elementText(text, next.lastIndex - 1) : undefined;
  }
  let quotes = 0;
  while (text.charCodeAt(at) === 0x5c && quotes < 8) {
    at++;
    quotes++;
  }
  const closing = text.charCodeAt(at);
  const isQuoted = closing === 0x22 || closing === 0x27;
  if (isQuoted) at++;
  else at = to;
  // user[password]=…, password[0]=…
  if (!isQuoted && closing === 0x5d) at++;
  if (!isQuoted && (text[at] === '[' || at > to)) at = indexEnd(text, at);
  // {"user[password]": …}
  if (!isQuoted && at > to && text[at] === '"') return valueAfterQuote(text, at, kind, isForm);
  const spaced = isQuoted ? spaceEnd(text, at) : blankEnd(text, at);
  const sign = text.charCodeAt(spaced);
  if (isQuoted && text.startsWith('=', from - 2)) return attributeValue(text, from, at);
  if (isQuoted && sign === 0x2c)
    return pairValue(text, spaced) ?? listValue(text, from - quotes - 1, spaced);
  if (isQuoted && sign === 0x3b) return serialized(text, spaced);
  if (!isQuoted && spaced > at && text.startsWith('--', from)) return optionValue(text, spaced);
  if (before === 0x2f && sign === 0x2f && spaced === to) return segmentValue(text, spaced + 1);
  if (sign !== 0x3a && sign !== 0x3d) return undefined;
  let start = spaced + 1;
  if (sign === 0x3d && text[start] === '>') start++;
  else if (sign === 0x3d && text[start] === '=') return undefined;
  else if (sign === 0x3a && text[start] === '=') start++;
  else if (sign === 0x3a && text.startsWith('//', start)) return undefined;
  return valueAt(text, isQuoted ? spaceEnd(text, start) : blankEnd(text, start), {
    nameFrom: isQuoted ? from - quotes - 1 : from,
    isJson: closing === 0x22 && quotes === 0 && sign === 0x3a,
    isColon: sign === 0x3a,
    kind,
    isForm,
    isLine: !isQuoted && sign === 0x3a && isHeader(text, from, to),
    isBegin: isLineBegin(text, from),
    isSpaced: !isQuoted && sign === 0x3d && spaced > at,
  });
}

/** Of those that have more than a word, whose name is no word of a sentence. */
const isHeader = (text: string, from: number, to: number): boolean =>
  /^(?:set-cookie2?|cookie|(?:proxy-)?authorization)$/i.test(text.slice(from, to)) ||
  (isLineBegin(text, from) && text.slice(from, to).includes('-'));

/** `{"user[password]": …}` */
function valueAfterQuote(
  text: string,
  quote: number,
  kind: NameKind,
  isForm: boolean,
): NamedValue | undefined {
  const colon = spaceEnd(text, quote + 1);
  const nameFrom = text.lastIndexOf('"', quote - 1);
  if (text[colon] !== ':' || nameFrom < 0) return undefined;
  return valueAt(text, spaceEnd(text, colon + 1), {
    nameFrom,
    isJson: true,
    isColon: true,
    kind,
    isForm,
    isLine: false,
    isBegin: false,
    isSpaced: false,
  });
}

/** `/token/value/`: a value that is no word. */
function segmentValue(text: string, from: number): NamedValue | undefined {
  const segment = /[^\s/?#"'<>\\&;,]{8,}/y;
  segment.lastIndex = from;
  if (!segment.test(text)) return undefined;
  const word = text.slice(from, segment.lastIndex);
  const isCode = /\d/.test(word) && /[A-Za-z]/.test(word);
  return isCode && markLength(word, 0) === 0
    ? value(from, segment.lastIndex, 'text', none)
    : undefined;
}

/** `--password value` */
function optionValue(text: string, at: number): NamedValue | undefined {
  if (text[at] === '-' || markLength(text, at) > 0) return undefined;
  return value(at, wordEnd(text, at), 'text', none);
}
