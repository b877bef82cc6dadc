import type { Batch, Entry } from './batch.ts';
import type { Verdict } from './verdict.ts';

/** The verdicts of one batch: one for each record, in the batch's order, by construction. */
export class Delivery {
  readonly verdicts: readonly Verdict[];
  readonly #isDelivery = true;

  private constructor(verdicts: readonly Verdict[]) {
    this.verdicts = verdicts;
  }

  /** The same verdict for every record. */
  static whole(batch: Batch, verdict: Verdict): Delivery {
    return new Delivery(batch.entries.map(() => verdict));
  }

  /** Walks the batch for you: you cannot return too few verdicts, too many, or misaligned ones. */
  static each(batch: Batch, judge: (entry: Entry, index: number) => Verdict): Delivery {
    return new Delivery(batch.entries.map(judge));
  }

  static isDelivery(value: object): value is Delivery {
    return #isDelivery in value;
  }
}
