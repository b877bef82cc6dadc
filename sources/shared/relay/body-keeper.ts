import type { BodyCopy, CopyBudget } from '#source';

const nothing = new Uint8Array();

/** Counts a body that passes, and keeps its first bytes. */
export class BodyKeeper {
  length = 0;
  readonly #budget: CopyBudget | undefined;
  /** Where the budget is used up, what is kept until then. */
  #limit: number;
  #kept = 0;
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;

  /** `limit` 0: it only counts. */
  constructor(limit: number, budget: CopyBudget | undefined) {
    this.#limit = limit;
    this.#budget = budget;
  }

  take(chunk: Uint8Array): void {
    this.length += chunk.length;
    const room = this.#limit - this.#kept;
    if (room <= 0 || chunk.length === 0) return;
    const wanted = Math.min(room, chunk.length);
    const granted = this.#budget?.take(wanted) ?? wanted;
    if (granted < wanted) this.#limit = this.#kept + granted;
    if (granted === 0) return;
    // A part is copied: a view would hold the whole chunk in memory.
    const kept =
      granted === chunk.length ? chunk : Uint8Array.prototype.slice.call(chunk, 0, granted);
    this.#kept += granted;
    if (this.#first === undefined) this.#first = kept;
    else (this.#more ??= [this.#first]).push(kept);
  }

  copy(): BodyCopy {
    const bytes = this.#more === undefined ? this.#first : Buffer.concat(this.#more, this.#kept);
    return { bytes: bytes ?? nothing, length: this.length };
  }

  /** Nobody asks for the copy any more. */
  forget(): void {
    if (this.#kept > 0) this.#budget?.give(this.#kept);
    this.#limit = 0;
    this.#kept = 0;
    this.#first = undefined;
    this.#more = undefined;
  }
}
