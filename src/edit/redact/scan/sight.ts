import { rowsOf } from './triggers.ts';

/** What one look over a text tells of it. */
export interface Sight {
  /** Where something may be, in the order of its letters: the begin of its word, twice, plus one where it is a token's. */
  readonly places: readonly number[];
  /** Before here no run of base64's letters begins that is worth reading; the text's length where none does. */
  readonly runFrom: number;
}

/** What was found, as it is gathered. */
export interface Found {
  places: number[] | undefined;
}

/** Adds the triggers of a list whose three letters stand at `at`, where the rest of the word is there too. */
export function confirm(text: string, at: number, list: number, found: Found): void {
  for (const { before, word } of rowsOf[list] ?? []) {
    const begin = at - before;
    if (begin < 0) continue;
    if (word !== undefined) {
      word.lastIndex = begin;
      if (!word.test(text)) continue;
    }
    found.places ??= [];
    found.places.push(2 * begin + (word === undefined ? 1 : 0));
  }
}
