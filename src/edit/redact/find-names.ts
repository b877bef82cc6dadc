import { addNamed } from './add-named.ts';
import type { Layer } from './layer.ts';
import { isAlone, isParameterBegin, nameAround } from './named/name-place.ts';
import { valueAfter } from './named/value-after.ts';
import { nameKind } from './names.ts';
import type { Pass } from './plan.ts';
import { type Span, span } from './spans.ts';
import type { TextKind } from './text-kind.ts';
import { type Barren, tokenAt } from './tokens.ts';

/** Values behind names, and tokens that are known by how they begin. */
export function byName(
  text: string,
  places: readonly number[],
  kind: TextKind,
  pass: Pass,
  layers: readonly Layer[],
  spans: Span[],
): void {
  if (places.length === 0) return;
  const { plan } = pass;
  const strings = layers.filter(({ isString }) => isString);
  const barren: Barren = { jwt: 0, hasNoPemEnd: false };
  const open = new Set<string>();
  let string = 0;
  let namesFrom = 0;
  let tokensFrom = 0;
  for (const trigger of places) {
    const at = trigger >> 1;
    if ((trigger & 1) === 1) {
      if (at < tokensFrom || !plan.secrets) continue;
      const token = tokenAt(text, at, kind.isCut, barren);
      if (token === undefined) continue;
      tokensFrom = token[1];
      spans.push(span(token[0], token[1], plan.mark(text.slice(token[0], token[1]))));
      continue;
    }
    if (at < namesFrom) continue;
    while (string < strings.length && (strings[string]?.to ?? 0) <= at) string++;
    if ((strings[string]?.from ?? text.length) <= at) continue;
    const name = nameAround(text, at);
    if (name === undefined) continue;
    namesFrom = name.to;
    if (isAlone(text, name)) continue;
    const named = nameKind(text.slice(name.from, name.to));
    if (named === 'none' || !(named === 'card' ? plan.cards : plan.secrets)) continue;
    const isQuery = named === 'query' || named === 'code';
    if (isQuery && !(text[name.to] === '=' && isParameterBegin(text, name.from))) continue;
    if (kind.isHead && isHeaderName(text, name.from, name.to)) continue;
    const value = valueAfter(text, name, named, kind.isForm, open);
    if (value === undefined || (named === 'code' && value.to - value.from < leastCode)) continue;
    addNamed(text, value, kind, pass, spans);
    namesFrom = value.to;
  }
}

/** Shorter codes are given to customers. */
const leastCode = 16;

const isHeaderName = (text: string, from: number, to: number): boolean =>
  text[to] === ':' && (from === 0 || text[from - 1] === '\n');
