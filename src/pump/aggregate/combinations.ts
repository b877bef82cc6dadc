import { Pairs } from './pairs.ts';
import type { Texts } from './texts.ts';

/** Texts made of two others, made once for each pair. */
export class Combinations {
  readonly #texts: Texts;
  readonly #make: (first: string, second: string) => string;
  readonly #pairs = new Pairs();
  /** Numbers of the texts made, by the number of the pair. */
  readonly #made: number[] = [];

  constructor(texts: Texts, make: (first: string, second: string) => string) {
    this.#texts = texts;
    this.#make = make;
  }

  /** The number of the text made of the texts with these numbers. */
  of(first: number, second: number): number {
    const pair = this.#pairs.of(first, second);
    const known = this.#made[pair];
    if (known !== undefined) return known;
    const made = this.#texts.of(this.#make(this.#texts.at(first), this.#texts.at(second)));
    this.#made.push(made);
    return made;
  }

  forget(): void {
    this.#pairs.forget();
    this.#made.length = 0;
  }
}
