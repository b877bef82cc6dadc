import { isNumber, stringEnd } from './json-text.ts';
import { looksLikeJson } from './json-walk.ts';

/** Tells the numbers of JSON from digits within its texts; asked for places in their order. */
export class JsonPlaces {
  readonly #text: string;
  #isJson: boolean | undefined;
  /** The quote that begins the next text, from which on nothing has been looked at. */
  #open = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isNumber(from: number, to: number): boolean {
    const text = this.#text;
    if (!isNumber(text.slice(from, to))) return false;
    if (this.#isJson === undefined) {
      this.#isJson = looksLikeJson(text);
      this.#open = quoteFrom(text, 0);
    }
    if (!this.#isJson) return false;
    while (this.#open < from) {
      const end = stringEnd(text, this.#open + 1);
      if (end >= from) return false;
      this.#open = quoteFrom(text, end + 1);
    }
    const before = /[-:[,\s]/.test(text[from - 1] ?? ' ');
    return before && /[,}\]\s]/.test(text[to] ?? ' ') && text[from - 1] !== '-';
  }
}

function quoteFrom(text: string, from: number): number {
  const at = text.indexOf('"', from);
  return at < 0 ? text.length : at;
}
