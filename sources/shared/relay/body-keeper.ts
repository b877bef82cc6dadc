import type { BodyCopy } from '#source';

const nothing = new Uint8Array();

/** Counts a body that passes, and keeps its first bytes. */
export class BodyKeeper {
  length = 0;
  readonly #limit: number;
  #kept = 0;
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;

  /** `limit` 0: it only counts. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  take(chunk: Uint8Array): void {
    this.length += chunk.length;
    const room = this.#limit - this.#kept;
    if (room <= 0 || chunk.length === 0) return;
    // A part is copied: a view would hold the whole chunk in memory.
    const kept = chunk.length <= room ? chunk : Uint8Array.prototype.slice.call(chunk, 0, room);
    this.#kept += kept.length;
    if (this.#first === undefined) this.#first = kept;
    else (this.#more ??= [this.#first]).push(kept);
  }

  copy(): BodyCopy {
    const bytes = this.#more === undefined ? this.#first : Buffer.concat(this.#more, this.#kept);
    return { bytes: bytes ?? nothing, length: this.length };
  }
}
