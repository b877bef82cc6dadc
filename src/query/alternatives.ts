import { slotOf } from '../record/slots.ts';
import type { Holds } from './holds.ts';
import { fitsOneOf } from './match-text.ts';
import { sourceOf } from './sources.ts';
import type { Query } from './tree.ts';

/** Fewer are compared one after the other. */
const fewest = 4;

/**
 * Of the terms of an `or`, those that compare one field with whole texts, as one test each: `key:(…)` with hundreds of keys
 * costs what a few cost. And the terms that are left.
 */
export function alternativesIn(terms: readonly Query[]): {
  readonly together: readonly Holds[];
  readonly left: readonly Query[];
} {
  const groups = new Map<string, Group>();
  for (const term of terms) {
    if (term.kind !== 'text') continue;
    const { field, pattern, ignoresCase } = term;
    const source = sourceOf(field);
    const [text, ...others] = pattern;
    if (source.kind !== 'text' || text === undefined || others.length > 0) continue;
    const key = `${field} ${ignoresCase}`;
    const group = groups.get(key) ?? { slot: slotOf[source.name], ignoresCase, texts: new Map() };
    group.texts.set(term, text);
    groups.set(key, group);
  }
  const large = [...groups.values()].filter(({ texts }) => texts.size >= fewest);
  return {
    together: large.map(holdsOneOf),
    left: terms.filter((term) => !large.some(({ texts }) => texts.has(term))),
  };
}

interface Group {
  readonly slot: number;
  readonly ignoresCase: boolean;
  readonly texts: Map<Query, string>;
}

function holdsOneOf({ slot, ignoresCase, texts }: Group): Holds {
  const fits = fitsOneOf([...texts.values()], ignoresCase);
  return (record) => {
    const { source, start, end } = record.span(slot);
    return fits(source, start, end);
  };
}
