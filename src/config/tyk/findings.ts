import type { Note, Problem } from '../problem.ts';

/** What a translation has to say besides its result. */
export interface Findings {
  readonly problems: Problem[];
  readonly notes: Note[];
}

/** Where a set of options was said. */
export interface Place {
  /** Who set a leaf, by its key in the set: `file` or a variable's name. */
  readonly saidBy: ReadonlyMap<string, string>;
  readonly placeOf: (key: string) => Pick<Problem, 'source' | 'key'>;
}

/** Source and key of an option for a problem: the variable if one set it or has to, else its place in the file. */
export const place = (at: Place, key: string): Pick<Problem, 'source' | 'key'> => at.placeOf(key);
