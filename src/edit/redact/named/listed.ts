import { stringEnd } from '../json-text.ts';
import { markLength } from '../marks.ts';
import { spaceEnd } from './ends.ts';
import { type NamedValue, none, value } from './named-value.ts';

/** Values that stand beside their names as entries of a list. */

/** `{"name": "password", "value": "…"}` */
export function pairValue(text: string, comma: number): NamedValue | undefined {
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
export function listValue(text: string, quote: number, comma: number): NamedValue | undefined {
  if (!/[[\],]\s?\[\s?$/.test(text.slice(Math.max(0, quote - 4), quote))) return undefined;
  const at = spaceEnd(text, comma + 1);
  if (text[at] !== '"' || markLength(text, at + 1) > 0) return undefined;
  const end = stringEnd(text, at + 1);
  return text[spaceEnd(text, end + 1)] === ']' ? value(at + 1, end, 'text', none) : undefined;
}

/** `s:8:"password";s:3:"…";`, as PHP writes it. */
export function serialized(text: string, semicolon: number): NamedValue | undefined {
  const begin = /;s:\d{1,7}:"/y;
  begin.lastIndex = semicolon;
  if (!begin.test(text) || markLength(text, begin.lastIndex) > 0) return undefined;
  const from = begin.lastIndex;
  const end = text.indexOf('";', from);
  return value(from, end < 0 ? text.length : end, 'text', none);
}
