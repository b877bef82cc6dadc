/** Long, for one scanner with its cases: each form in which a value follows a name, and where it ends. */
import { isNumber, isSpace, scalarEnd, skipSpace, stringEnd, structureEnd } from './json-text.ts';
import { markLength } from './marks.ts';
import type { NameKind } from './names.ts';
import { looksRandom } from './tokens.ts';

/**
 * What follows a name anywhere in a text, without knowing its format: `"name": value`, `name=value`, `name: value`,
 * `<name>value</name>`, `name="name" value="value"`. A format that is cut off, broken or wrapped in another is so read as
 * well as a whole one.
 */
export interface NamedValue {
  /** The value, without its quotes. */
  readonly from: number;
  readonly to: number;
  /** `json`: a value without quotes of JSON, whose place takes a JSON string. */
  readonly form: 'text' | 'json';
  /** The member, with its name: what goes where values are removed. */
  readonly memberFrom: number;
  readonly memberTo: number;
  readonly separator: '' | ',' | '&';
}

/** Where a name stands. */
export interface NamePlace {
  readonly from: number;
  readonly to: number;
}

const longestName = 64;

const isNameCode = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x5f ||
  code === 0x2d ||
  code === 0x2e ||
  code === 0x24;

/** The whole name around a part of it; undefined where it is too long for one. */
export function nameAround(text: string, at: number): NamePlace | undefined {
  let from = at;
  while (from > 0 && isNameCode(text.charCodeAt(from - 1))) {
    from--;
    if (at - from > longestName) return undefined;
  }
  let to = at;
  while (isNameCode(text.charCodeAt(to))) {
    to++;
    if (to - from > longestName) return undefined;
  }
  // Words in quotes: "API key".
  if (text[to] === '"' && text[from - 1] === ' ') {
    const open = text.lastIndexOf('"', from - 1);
    if (open >= 0 && from - open < 40 && /^[A-Za-z0-9 _-]+$/.test(text.slice(open + 1, from)))
      from = open + 1;
  }
  return { from, to };
}

/** Whether a whole text can be a name: not a sentence of many words, nor JSON or a form that has a name within. */
export const mayBeName = (text: string): boolean =>
  text.length <= longestName && !/[\p{Cc}"'\\{}:,;=<>&?]/u.test(text);

/** Whether a line ends behind a name that no tag or path holds: then no value follows, whatever its name says. */
export function isAlone(text: string, { from, to }: NamePlace): boolean {
  const next = text.charCodeAt(to);
  if (to < text.length && next !== 0x0a && next !== 0x0d) return false;
  const before = text.charCodeAt(from - 1);
  return before !== 0x3c && before !== 0x3e && before !== 0x3a && before !== 0x2f;
}

/** Bounds on what may stand between a name and its value, so that reading on stays linear. */
const most = { space: 64, tag: 256 };

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

interface Seen {
  readonly nameFrom: number;
  readonly isJson: boolean;
  readonly isColon: boolean;
  readonly kind: NameKind;
  readonly isForm: boolean;
  /** Of a header that has many words. */
  readonly isLine: boolean;
  /** `name = value` */
  readonly isSpaced: boolean;
  /** At the begin of a line. */
  readonly isBegin: boolean;
}

/** Of those that have more than a word, whose name is no word of a sentence. */
const isHeader = (text: string, from: number, to: number): boolean =>
  /^(?:set-cookie2?|cookie|(?:proxy-)?authorization)$/i.test(text.slice(from, to)) ||
  (isLineBegin(text, from) && text.slice(from, to).includes('-'));

/** Space and the sign of a list may stand before it. */
function isLineBegin(text: string, from: number): boolean {
  let at = from;
  while (from - at < most.space && /[ \t>-]/.test(text[at - 1] ?? '')) at--;
  return at === 0 || text[at - 1] === '\n';
}

/** Behind `[]`, `[0]` and the like. */
function indexEnd(text: string, from: number): number {
  const index = /(?:\[[^\][&=\s]{0,40}\]){1,4}/y;
  index.lastIndex = from;
  return index.test(text) ? index.lastIndex : from;
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

function valueAt(text: string, at: number, seen: Seen): NamedValue | undefined {
  const { isJson, isColon, kind, isForm, nameFrom } = seen;
  if (at >= text.length) return undefined;
  const mark = markLength(text, at);
  if (mark > 0 && isEnd(text, at + mark)) return undefined;
  const code = text.charCodeAt(at);
  const member = { memberFrom: nameFrom, separator: isJson ? ',' : '' } as const;
  if (code === 0x22) {
    const end = stringEnd(text, at + 1);
    return value(at + 1, end, 'text', { ...member, memberTo: Math.min(end + 1, text.length) });
  }
  if (seen.isBegin && (code === 0x7c || code === 0x3e)) {
    const block = blockAt(text, at);
    if (block !== undefined) return block;
  }
  if (seen.isLine) return value(at, lineEnd(text, at, seen.isBegin), 'text', none);
  if (code === 0x5c || code === 0x27) {
    const quoted = otherQuotes(text, at);
    if (quoted !== undefined) return value(quoted[0], quoted[1], 'text', none);
  }
  if (isJson && (code === 0x7b || code === 0x5b)) {
    const end = structureEnd(text, at);
    const isEmpty = skipSpace(text, at + 1) >= end - 1;
    return isEmpty ? undefined : value(at, end, 'json', { ...member, memberTo: end });
  }
  if (isJson) {
    const end = scalarEnd(text, at);
    const scalar = text.slice(at, Math.min(end, at + 401));
    if (isWordOfJson(scalar)) return undefined;
    if (kind === 'plural' && isNumber(scalar)) return undefined;
    return end === at ? undefined : value(at, end, 'json', { ...member, memberTo: end });
  }
  const isMatrix = !isColon && text[nameFrom - 1] === ';' && !text.startsWith('&amp', nameFrom - 5);
  const end =
    isForm && !isColon ? formEnd(text, at) : isMatrix ? matrixEnd(text, at) : wordEnd(text, at);
  if (end === at) return undefined;
  const word = text.slice(at, Math.min(end, at + 401));
  if (isWordOfJson(word) || /^[{[(]$/.test(word)) return undefined;
  if (kind === 'plural' && isNumber(word)) return undefined;
  // A count: "Session: 3 of 5".
  if (isColon && kind === 'secret' && /^\d{1,3}$/.test(word)) return undefined;
  const isCertain = kind === 'password' || kind === 'card' || looksRandom(word);
  // One word alone on its line, behind a name: YAML.
  const isAlone = seen.isBegin && /[\r\n]/.test(text[end] ?? '\n');
  if (isColon && !isCertain && !isAlone) return undefined;
  // `const session = client;`
  if (seen.isSpaced && !isForm && kind !== 'password' && !/\d|^.{20}/.test(word)) return undefined;
  // A passphrase of many words that is a line of YAML or of a file of settings.
  if (kind === 'password' && seen.isBegin && (isColon || seen.isSpaced) && !isForm)
    return value(at, restEnd(text, end), 'text', none);
  const isParameter = !isColon && isParameterBegin(text, nameFrom);
  return value(at, end, 'text', {
    memberFrom: nameFrom,
    memberTo: end,
    separator: isParameter ? '&' : '',
  });
}

const none = { memberFrom: 0, memberTo: 0, separator: '' } as const;

const value = (
  from: number,
  to: number,
  form: NamedValue['form'],
  member: Pick<NamedValue, 'memberFrom' | 'memberTo' | 'separator'>,
): NamedValue | undefined => (to > from ? { from, to, form, ...member } : undefined);

const isWordOfJson = (word: string): boolean =>
  word === 'true' || word === 'false' || word === 'null' || word === 'undefined';

export function isParameterBegin(text: string, at: number): boolean {
  const before = text[at - 1];
  return at === 0 || before === '?' || before === '&';
}

/** Whether a mark is all of a value. */
function isEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return at >= text.length || !isNameCode(code);
}

/** Behind quotes of another kind: single, or escaped a number of times. */
function otherQuotes(text: string, at: number): readonly [number, number] | undefined {
  let begin = at;
  while (text.charCodeAt(begin) === 0x5c && begin - at < 16) begin++;
  const code = text.charCodeAt(begin);
  if (code !== 0x22 && code !== 0x27) return undefined;
  const sign = text.slice(begin, begin + 1);
  const escapes = begin - at;
  for (let end = text.indexOf(sign, begin + 1); end >= 0; end = text.indexOf(sign, end + 1)) {
    let before = end;
    while (before > begin + 1 && text.charCodeAt(before - 1) === 0x5c) before--;
    // One that is escaped more often is part of the value.
    if (end - before <= escapes) return [begin + 1, before];
  }
  // A quote that stands alone is part of the value too.
  return escapes === 0 && code === 0x27 ? undefined : [begin + 1, text.length];
}

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

/** The lines of a block of YAML: `password: |`, and lines that are further in. */
function blockAt(text: string, at: number): NamedValue | undefined {
  const begin = /[|>][+-]?\d?[+-]?[ \t]*\r?\n[ \t]+/y;
  begin.lastIndex = at;
  if (!begin.test(text)) return undefined;
  const lines = /[^\n]*(?:\n[ \t]+[^\n]*)*/y;
  lines.lastIndex = begin.lastIndex;
  lines.test(text);
  let end = lines.lastIndex;
  while (end > begin.lastIndex && text.charCodeAt(end - 1) <= 0x20) end--;
  return value(begin.lastIndex, end, 'text', none);
}

/** The rest of a line, but for a remark behind it. */
function restEnd(text: string, from: number): number {
  const rest = /(?:[ \t]+[^\s#"'<>{}&;,=\\][^\s"'<>{}&;,=\\]*)+(?=[ \t]*(?:[\r\n#]|$))/y;
  rest.lastIndex = from;
  return rest.test(text) ? rest.lastIndex : from;
}

/** On the same line. */
function blankEnd(text: string, from: number): number {
  let at = from;
  while (at - from < most.space && (text[at] === ' ' || text[at] === '\t')) at++;
  return at;
}

function spaceEnd(text: string, from: number): number {
  let at = from;
  while (at - from < most.space && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Within a line, quotes may end it: a header in a text of JSON. */
function lineEnd(text: string, from: number, isBegin: boolean): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 && code !== 0x09) break;
    if (!isBegin && (code === 0x22 || code === 0x27 || code === 0x5c || code === 0x3c)) break;
  }
  return at;
}

/** Up to the next parameter, or what no parameter can hold. */
function formEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x26 || code === 0x0a || code === 0x0d || code === 0) break;
  }
  return at;
}

/** `/path;jsessionid=value?query` */
function matrixEnd(text: string, from: number): number {
  const end = wordEnd(text, from);
  const [whole = ''] = /^[^;?#]*/.exec(text.slice(from, end)) ?? [];
  return from + whole.length;
}

/** Up to the end of a word; signs that close something, or end a sentence's part, do not belong to it. */
function wordEnd(text: string, from: number): number {
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

/** `<name attribute="…">value<`, `<ns:name>value<`, with or without CDATA. */
function tagValue(
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
    if (++at >= text.length || at - to > most.tag) return undefined;
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
function attributeValue(text: string, from: number, at: number): NamedValue | undefined {
  if (!/(?:name|key|id)$/i.test(text.slice(Math.max(0, from - 6), from - 2))) return undefined;
  const window = text.slice(at, at + most.tag);
  const blank = /^[^\r\n]{0,200}(?:\r?\n[!-9;-~]{1,64}:[^\r\n]{0,200}){0,4}\r?\n\r?\n/.exec(
    text.slice(at, at + most.tag),
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
function elementText(text: string, from: number): NamedValue | undefined {
  const tag = /[^<>\r\n]{0,200}>/y;
  tag.lastIndex = from;
  if (!tag.test(text)) return undefined;
  const begin = tag.lastIndex;
  const end = text.indexOf('<', begin);
  const last = end < 0 ? text.length : end;
  return markLength(text, begin) === last - begin ? undefined : value(begin, last, 'text', none);
}

/** `{"name": "password", "value": "…"}` */
function pairValue(text: string, comma: number): NamedValue | undefined {
  let at = spaceEnd(text, comma + 1);
  const key = /"(?:value|val|v|content|data)"/iy;
  key.lastIndex = at;
  if (!key.test(text)) return undefined;
  at = spaceEnd(text, key.lastIndex);
  if (text[at] !== ':') return undefined;
  at = spaceEnd(text, at + 1);
  if (text[at] !== '"' || markLength(text, at + 1) > 0) return undefined;
  return value(at + 1, stringEnd(text, at + 1), 'text', none);
}

/** `[["password","…"],…]`: a list of pairs, as some write headers. */
function listValue(text: string, quote: number, comma: number): NamedValue | undefined {
  if (!/[[\],]\s?\[\s?$/.test(text.slice(Math.max(0, quote - 4), quote))) return undefined;
  const at = spaceEnd(text, comma + 1);
  if (text[at] !== '"' || markLength(text, at + 1) > 0) return undefined;
  const end = stringEnd(text, at + 1);
  return text[spaceEnd(text, end + 1)] === ']' ? value(at + 1, end, 'text', none) : undefined;
}

/** `s:8:"password";s:3:"…";`, as PHP writes it. */
function serialized(text: string, semicolon: number): NamedValue | undefined {
  const begin = /;s:\d{1,7}:"/y;
  begin.lastIndex = semicolon;
  if (!begin.test(text) || markLength(text, begin.lastIndex) > 0) return undefined;
  const from = begin.lastIndex;
  const end = text.indexOf('";', from);
  return value(from, end < 0 ? text.length : end, 'text', none);
}
