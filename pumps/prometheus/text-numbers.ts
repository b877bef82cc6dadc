import { type AnalyticsRecord, type TextField, TextMemo } from '#pump';

export type NumberOf = (record: AnalyticsRecord) => number;

/**
 * Numbers, from 1 on, that stand for the texts of records: equal numbers mean equal texts of a field. A text that was
 * forgotten meanwhile gets another number.
 */
export class TextNumbers {
  readonly #memos = new Map<TextField, TextMemo<number>>();
  readonly #most: number;
  #given = 0;

  /** `most`: what JavaScript keeps without an object has 31 bits. */
  constructor(most = 2 ** 30) {
    this.#most = most;
  }

  of(field: TextField): NumberOf {
    const memo = this.#memos.get(field) ?? new TextMemo({ field, make: () => ++this.#given });
    this.#memos.set(field, memo);
    return (record) => memo.of(record);
  }

  /** After that many texts all must begin anew: what was kept under a number, too. */
  get isUsedUp(): boolean {
    return this.#given > this.#most;
  }

  forget(): void {
    this.#given = 0;
    for (const memo of this.#memos.values()) memo.forget();
  }
}
