import type { BodyCopy, CopyBudget } from '#source';

const nothing = new Uint8Array();

/** Counts a body, and keeps a copy of its first bytes: views would hold the packets they came in. */
export class Body {
  length = 0;
  readonly #budget: CopyBudget | undefined;
  /** Where the budget is used up, or bytes were not seen, what is kept until then. */
  #limit: number;
  #kept = 0;
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;

  /** `limit` 0: it only counts. What is kept counts in the budget until `release`. */
  constructor(limit: number, budget: CopyBudget | undefined) {
    this.#limit = limit;
    this.#budget = budget;
  }

  take(bytes: Buffer, start: number, end: number): void {
    this.length += end - start;
    const wanted = Math.min(this.#limit - this.#kept, end - start);
    if (wanted <= 0) return;
    const granted = this.#budget?.take(wanted) ?? wanted;
    if (granted < wanted) this.#limit = this.#kept + granted;
    if (granted === 0) return;
    const kept = Buffer.from(bytes.subarray(start, start + granted));
    this.#kept += granted;
    if (this.#first === undefined) this.#first = kept;
    else (this.#more ??= [this.#first]).push(kept);
  }

  /** So many bytes were not seen: what comes behind them does not follow what is kept. */
  hole(length: number): void {
    this.length += length;
    this.#limit = this.#kept;
  }

  copy(): BodyCopy {
    const bytes = this.#more === undefined ? this.#first : Buffer.concat(this.#more, this.#kept);
    return { bytes: bytes ?? nothing, length: this.length };
  }

  release(): void {
    if (this.#kept > 0) this.#budget?.give(this.#kept);
    this.#kept = 0;
    this.#limit = 0;
    this.#first = undefined;
    this.#more = undefined;
  }
}
