import type { TextField } from '../fields.ts';
import type { AnalyticsRecord } from '../record.ts';
import { slotOf } from '../slots.ts';
import { BytesMemo, type Hash } from './bytes-memo.ts';
import { createPlace, locateText, type TextPlace } from './text-place.ts';

export interface MemoParts<T> {
  readonly field: TextField;
  /** What is wanted of a record. It must depend on nothing but the text of that field. */
  readonly make: (record: AnalyticsRecord) => T;
  /** How many texts are remembered at most: a power of two. */
  readonly most?: number;
  /** For tests. */
  readonly hash?: Hash;
}

const place: TextPlace = createPlace();

/**
 * Remembers what was made of the texts of a field, by their bytes, so that a text that comes again is neither decoded nor
 * looked at again. It is as bounded as a BytesMemo.
 */
export class TextMemo<T> {
  readonly #slot: number;
  readonly #make: (record: AnalyticsRecord) => T;
  readonly #memo: BytesMemo<AnalyticsRecord, T>;

  constructor({ field, ...parts }: MemoParts<T>) {
    this.#slot = slotOf[field];
    this.#make = parts.make;
    this.#memo = new BytesMemo(parts);
  }

  /** What `make` makes of this record, or made of an earlier one with the same text. */
  of(record: AnalyticsRecord): T {
    if (!locateText(record, this.#slot, place)) return this.#make(record);
    // Whatever `make` asks of the record uses the same place: these are read before.
    const { view, at, size } = place;
    return this.#memo.of(view, at, size, record);
  }

  /** Forgets everything. */
  forget(): void {
    this.#memo.forget();
  }
}
