import { percentile } from '../measure/statistics.ts';

/** When each record was made, and so how old it is when it arrives: record `index` is made at `firstAt + index × interval`. */
export interface Timetable {
  /** By the wall clock, in milliseconds. */
  readonly firstAt: number;
  readonly interval: number;
}

/** How old records are on their arrival, in milliseconds. */
export class Ages {
  readonly #timetable: Timetable;
  readonly #ages: Float64Array;

  constructor(timetable: Timetable, records: number) {
    this.#timetable = timetable;
    this.#ages = new Float64Array(records).fill(Number.NaN);
  }

  arrived(index: number, now: number): void {
    const { firstAt, interval } = this.#timetable;
    if (index < this.#ages.length) this.#ages[index] = now - (firstAt + index * interval);
  }

  /** Of the records made from one time to another. Those that are not there yet are `missing`. */
  between(from: number, until: number) {
    const { firstAt, interval } = this.#timetable;
    const at = (time: number): number => Math.max(0, Math.ceil((time - firstAt) / interval));
    const made = this.#ages.subarray(at(from), at(until));
    const known = [...made].filter((age) => !Number.isNaN(age));
    const of = (percent: number): number => (known.length === 0 ? 0 : percentile(known, percent));
    return {
      records: made.length,
      missing: made.length - known.length,
      ...{ p50: of(50), p99: of(99), max: of(100) },
    };
  }
}
