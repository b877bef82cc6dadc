import type { AnalyticsRecord } from './record.ts';

/** What rules made of a record. */
export interface Altered {
  /** Undefined: it is as it was. */
  readonly record: AnalyticsRecord | undefined;
  /** Values that were redacted. */
  readonly redacted: number;
  /** Why it, or a part of it, was redacted as a whole; undefined: it was not. */
  readonly whole: string | undefined;
}

/**
 * What routes make of the records of a chunk alike: the first of them makes it, the others find it. It stays with the chunk, and
 * what it holds is told to whoever keeps that.
 */
export class ChunkMemo {
  readonly #onGrowth: (bytes: number) => void;
  readonly #made = new Map<string, (Altered | undefined)[]>();

  constructor(onGrowth: (bytes: number) => void) {
    this.#onGrowth = onGrowth;
  }

  /** What these rules made of the record at `index`, now or before. */
  of(rules: string, index: number, make: () => Altered): Altered {
    let made = this.#made.get(rules);
    if (made === undefined) this.#made.set(rules, (made = []));
    const known = made[index];
    if (known !== undefined) return known;
    const altered = make();
    made[index] = altered;
    if (altered.record !== undefined) this.#onGrowth(altered.record.size + overhead);
    return altered;
  }
}

/** Slots of the record, and objects. */
const overhead = 512;
