import { distance } from '../sequence.ts';

const mostMarks = 1024;

/** How far one side has come: what its receiver confirms counts bytes as they were on the wire, and what was in them counts by itself. */
export class Progress {
  /** Bytes that were in the records so far. */
  plain = 0;
  readonly #marks: { readonly sequence: number; readonly plain: number }[] = [];
  #confirmed = 0;

  /** The wire has come to this number. */
  note(sequence: number): void {
    if (this.#marks.length >= mostMarks) this.#marks.shift();
    this.#marks.push({ sequence, plain: this.plain });
  }

  /** How many of the bytes within somebody has who confirms so much of the wire. */
  upTo(acknowledged: number): number {
    for (
      let [mark] = this.#marks;
      mark !== undefined && distance(mark.sequence, acknowledged) >= 0;
      [mark] = this.#marks
    ) {
      this.#confirmed = mark.plain;
      this.#marks.shift();
    }
    return this.#confirmed;
  }
}
