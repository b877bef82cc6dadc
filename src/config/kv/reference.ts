import type { Reading } from '../options/option.ts';

/** Where a secret is: a store, a path in it and, when given, a JSON pointer into what is there. */
export interface Reference {
  readonly store: string;
  readonly path: string;
  readonly field: string | undefined;
}

/** A text cut into what stays and what is to be fetched (tyk-pump.md, "References to secrets"). */
export type Part = string | Reference;

const whole = 'kv://';
const inline = '$kv{';

export const hasReference = (text: string): boolean =>
  text.startsWith(whole) || text.includes(inline);

/** Cuts a text at its references. */
export function cut(text: string): Reading<readonly Part[]> {
  if (text.startsWith(whole)) {
    const reference = parseReference(text.slice(whole.length), '/');
    return reference === undefined
      ? { ok: false, expected: 'a reference as kv://store/path#field' }
      : { ok: true, value: [reference] };
  }
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf(inline, at);
    if (start < 0) break;
    const end = text.indexOf('}', start);
    if (end < 0) return { ok: false, expected: 'a closing brace after "$kv{"' };
    const reference = parseReference(text.slice(start + inline.length, end), ':');
    if (reference === undefined)
      return { ok: false, expected: 'references as $kv{store:path#field}' };
    parts.push(text.slice(at, start), reference);
    at = end + 1;
  }
  return { ok: true, value: [...parts, text.slice(at)] };
}

function parseReference(text: string, separator: string): Reference | undefined {
  const split = text.indexOf(separator);
  if (split <= 0) return undefined;
  const rest = text.slice(split + 1);
  const hash = rest.indexOf('#');
  const path = hash < 0 ? rest : rest.slice(0, hash);
  const field = hash < 0 ? '' : rest.slice(hash + 1);
  if (path === '') return undefined;
  return { store: text.slice(0, split), path, field: field === '' ? undefined : field };
}
