import { type Literal, literalOf, putLiteral } from '../../lib/literal.ts';
import type { Integer, RecordTime } from '../record.ts';
import type { TimeHalves } from '../time/text.ts';
import { putFraction } from './number.ts';

/** Room that a time takes in either form, that of the year 292277026596 too. */
export const timeRoom = 80;

/** Keeps the text of the last second around its fraction: records come in order of time. */
export class TimeCell {
  readonly #halvesOf: (time: RecordTime) => TimeHalves;
  readonly #mark: string;
  /** Nanoseconds, of which less is cut off. */
  readonly step: number;
  #seconds: Integer = 0;
  #zone = '';
  #before: Literal = literalOf('');
  #after: Literal = literalOf('');

  /** `mark`: stands before and behind the time. */
  constructor(halvesOf: (time: RecordTime) => TimeHalves, mark = '', step = 1) {
    this.#halvesOf = halvesOf;
    this.#mark = mark;
    this.step = step;
  }

  /** Writes the time from `to` on; gives the offset after it. The room must be there. */
  put(seconds: number, nanos: number, zone: string, data: DataView, to: number): number {
    if (seconds !== this.#seconds || zone !== this.#zone) this.#turnTo(seconds, zone);
    const kept = this.step === 1 ? nanos : nanos - (nanos % this.step);
    return putLiteral(
      this.#after,
      data,
      putFraction(kept, data, putLiteral(this.#before, data, to)),
    );
  }

  /** What stands before and behind the fraction of a second. */
  halves(seconds: number, zone: string): TimeHalves {
    const { before, after } = this.#halvesOf({ seconds, zone, nanos: 0 });
    return { before: this.#mark + before, after: after + this.#mark };
  }

  #turnTo(seconds: number, zone: string): void {
    const { before, after } = this.halves(seconds, zone);
    this.#before = literalOf(before);
    this.#after = literalOf(after);
    this.#seconds = seconds;
    this.#zone = zone;
  }
}
