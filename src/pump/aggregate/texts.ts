/** So many texts, and characters in them, are kept from one batch to the next. */
const most = 2 ** 18;
const mostCharacters = 2 ** 24;

/** The number of the empty text. */
export const noText = 0;
/** Instead of a number: there is no text at all. */
export const none = -1;

/** Texts as numbers: equal numbers mean equal texts, until everything is forgotten. */
export class Texts {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  #characters = 0;

  constructor() {
    this.of('');
  }

  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.length;
    this.#numbers.set(text, number);
    this.#texts.push(text);
    this.#characters += text.length;
    return number;
  }

  at(number: number): string {
    return this.#texts[number] as string;
  }

  /** Time to forget: whoever kept a number must, too. */
  get isFull(): boolean {
    return this.#texts.length > most || this.#characters > mostCharacters;
  }

  forget(): void {
    this.#numbers.clear();
    this.#texts.length = 0;
    this.#characters = 0;
    this.of('');
  }
}
