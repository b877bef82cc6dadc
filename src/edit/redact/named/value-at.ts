import { isNumber, scalarEnd, skipSpace, stringEnd, structureEnd } from '../json-text.ts';
import { markLength } from '../marks.ts';
import type { NameKind } from '../names.ts';
import { looksRandom } from '../tokens.ts';
import { formEnd, lineEnd, matrixEnd, restEnd, wordEnd } from './ends.ts';
import { isNameCode, isParameterBegin } from './name-place.ts';
import { type NamedValue, none, value } from './named-value.ts';

/** What is known of a value before it is read. */
export interface Seen {
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

/** The value that begins at a place, and where it ends. */
export function valueAt(text: string, at: number, seen: Seen): NamedValue | undefined {
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

const isWordOfJson = (word: string): boolean =>
  word === 'true' || word === 'false' || word === 'null' || word === 'undefined';

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
