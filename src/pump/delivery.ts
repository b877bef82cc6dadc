import { ContractError } from '../lib/errors.ts';
import type { Batch, Entry } from './batch.ts';
import { delivered, type Verdict } from './verdict.ts';

/** What a destination said of a request: one thing of all its records, or one of each, in their order. */
export type Said = Verdict | readonly Verdict[];

/** A request and what was said of it. */
export interface Answered {
  readonly entries: readonly Entry[];
  readonly said: Said;
}

const isOfAll = (said: Said): said is Verdict => !Array.isArray(said);

/**
 * What a sink answers for a batch: one verdict for each record, in the batch's order, by construction. It has two forms,
 * and the difference matters where records are refused:
 *
 * - **The request was judged** (`whole`): the destination said one thing about all of them. A `reject` that one record
 *   could have brought upon the others (`invalid`, `oversize`) is not believed of a batch: the courier halves it until
 *   the culprits are alone. So a sink need not look for them.
 * - **Records were judged** (`each`, or `whole` with exceptions: `except`): what is said of one is meant for it alone,
 *   even where all fare alike, and is believed.
 */
export class Delivery {
  readonly size: number;
  readonly #common: Verdict;
  readonly #each: readonly Verdict[] | undefined;
  #exceptions: Map<number, Verdict> | undefined;

  private constructor(size: number, common: Verdict, each?: readonly Verdict[]) {
    this.size = size;
    this.#common = common;
    this.#each = each;
  }

  /** The same verdict for every record, as one request. */
  static whole(batch: Batch, verdict: Verdict): Delivery {
    return new Delivery(batch.size, verdict);
  }

  /** Walks the batch for you: you cannot return too few verdicts, too many, or misaligned ones. */
  static each(batch: Batch, judge: (entry: Entry, index: number) => Verdict): Delivery {
    const verdicts = batch.entries.map(judge);
    const areAllDelivered = verdicts.every(({ outcome }) => outcome === 'delivered');
    return areAllDelivered
      ? new Delivery(batch.size, delivered())
      : new Delivery(batch.size, delivered(), verdicts);
  }

  /**
   * Of a batch that was sent as several requests, or as one: what was said of the only one is said of the batch.
   * `otherwise`: for records that are in none of them.
   */
  static ofRequests(
    batch: Batch,
    requests: readonly Answered[],
    otherwise: (entry: Entry) => Verdict,
  ): Delivery {
    const [only] = requests;
    if (only?.entries.length === batch.size) {
      const { said } = only;
      if (isOfAll(said)) return Delivery.whole(batch, said);
      return Delivery.each(batch, (entry, at) => said[at] ?? otherwise(entry));
    }
    const verdicts = new Map<Entry, Verdict>();
    for (const { entries, said } of requests)
      for (const [at, entry] of entries.entries()) {
        const verdict = isOfAll(said) ? said : said[at];
        if (verdict !== undefined) verdicts.set(entry, verdict);
      }
    return Delivery.each(batch, (entry) => verdicts.get(entry) ?? otherwise(entry));
  }

  static isDelivery(value: object): value is Delivery {
    return #common in value;
  }

  /** One record fares otherwise than the rest. For the sink that makes the delivery; returns the same. */
  except(index: number, verdict: Verdict): this {
    if (this.#each !== undefined || index < 0 || index >= this.size)
      throw new ContractError('an exception is of a record of the batch');
    this.#exceptions ??= new Map();
    this.#exceptions.set(index, verdict);
    return this;
  }

  /** What was said of the request; undefined: its records were judged. */
  get ofRequest(): Verdict | undefined {
    return this.#each === undefined && this.#exceptions === undefined ? this.#common : undefined;
  }

  /** Of the record at that place in the batch. */
  at(index: number): Verdict {
    return this.#each?.[index] ?? this.#exceptions?.get(index) ?? this.#common;
  }

  get verdicts(): readonly Verdict[] {
    return Array.from({ length: this.size }, (_, index) => this.at(index));
  }
}
