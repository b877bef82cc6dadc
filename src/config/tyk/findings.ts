import type { Note, Problem } from '../problem.ts';

/** What a translation has to say besides its result. */
export interface Findings {
  readonly problems: Problem[];
  readonly notes: Note[];
}

/** Where a set of options was said. */
export interface Place {
  readonly source: string;
  /** Where the set stands in the file, with a dot at the end; empty: the top. */
  readonly prefix: string;
  /** Who set a leaf, by its key in the set: `file` or a variable's name. */
  readonly saidBy: ReadonlyMap<string, string>;
}

/** Source and key of an option for a problem: the variable if one set it, else its place in the file. */
export function place(at: Place, key: string): Pick<Problem, 'source' | 'key'> {
  const by = at.saidBy.get(key) ?? 'file';
  return by === 'file'
    ? { source: at.source, key: at.prefix + key }
    : { source: 'environment', key: by };
}
