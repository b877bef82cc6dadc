import {
  type Aggregate,
  delivered,
  type Entry,
  type Fold,
  reject,
  retry,
  type Verdict,
} from '#pump';
import type { MongoDatabase } from '../client.ts';
import { verdictOfError } from '../failure.ts';
import { Bucket, type BucketKey, type BucketRules } from './bucket.ts';

export interface CountingParts {
  readonly database: MongoDatabase;
  readonly fold: Fold;
  readonly rules: BucketRules;
  /** `enable_aggregate_self_healing`. */
  readonly splits: boolean;
  /** Told of a bucket that has been added to. */
  readonly written: (key: BucketKey, bucket: Bucket) => void;
}

/** Races that are lost in a row before others get their turn. */
const mostRaces = 20;
/** Counters that are kept in memory, of the buckets that were written last. */
const mostCounters = 200_000;
/** Counters of one change: more would be a command that no server takes. */
const mostChanged = 4_000;

/** What became of those that were not counted before. */
interface Counted {
  readonly verdict: Verdict | 'divide';
  readonly fresh: readonly Entry[];
}

/** Counts entries in the documents of their buckets, each once. */
export class Counting {
  readonly #parts: CountingParts;
  /** As the server had them last; the one written last at the end. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(parts: CountingParts) {
    this.#parts = parts;
  }

  /** All entries belong to the bucket. Gives what became of each. */
  async count(
    key: BucketKey,
    entries: readonly Entry[],
    signal: AbortSignal,
  ): Promise<readonly Verdict[]> {
    const { verdict, fresh } = await this.#count(key, entries, signal);
    const isDivisible =
      verdict === 'divide' || (verdict.outcome === 'reject' && verdict.failure.kind === 'invalid');
    if (!isDivisible || entries.length === 1) {
      const said = verdict === 'divide' ? tooLarge : verdict;
      // What is said of a change is nothing to those that have been counted before.
      const meant = new Set(fresh);
      return entries.map((entry) => (meant.has(entry) ? said : delivered()));
    }
    // What the first half has counted, its notes say.
    const half = Math.ceil(entries.length / 2);
    const first = await this.count(key, entries.slice(0, half), signal);
    return [...first, ...(await this.count(key, entries.slice(half), signal))];
  }

  async #count(key: BucketKey, entries: readonly Entry[], signal: AbortSignal): Promise<Counted> {
    const name = [key.collection, key.orgId, key.apiId ?? '', key.start].join('\0');
    let fresh = entries;
    try {
      for (let race = 0; race < mostRaces; race++) {
        const bucket = await this.#bucket(name, key, signal);
        fresh = bucket.freshOf(entries);
        const [aggregate] = fresh.length === 0 ? [] : this.#parts.fold(fresh);
        if (aggregate === undefined) return { verdict: delivered(), fresh };
        if (fresh.length > 1 && isLarge(aggregate)) return { verdict: 'divide', fresh };
        const verdict = await this.#add({ name, key, bucket }, aggregate, fresh, signal);
        if (verdict !== 'again') return { verdict, fresh };
      }
      return { verdict: busy, fresh };
    } catch (error) {
      this.#buckets.delete(name);
      const verdict = verdictOfError(error);
      const isLargeRequest = verdict.outcome === 'reject' && verdict.failure.kind === 'oversize';
      return { verdict: isLargeRequest ? 'divide' : verdict, fresh };
    }
  }

  async #add(
    { name, key, bucket }: { name: string; key: BucketKey; bucket: Bucket },
    aggregate: Aggregate,
    fresh: readonly Entry[],
    signal: AbortSignal,
  ): Promise<Verdict | 'divide' | 'again'> {
    let outcome = await bucket.add(aggregate, fresh, signal);
    if (outcome.kind === 'too-large') {
      if (bucket.isNew) return 'divide';
      if (!this.#parts.splits) return full;
      outcome = await bucket.split(signal);
      if (outcome.kind === 'written') return 'again';
    }
    switch (outcome.kind) {
      case 'written':
        this.#keep(name, bucket);
        this.#parts.written(key, bucket);
        return delivered();
      case 'lost':
        this.#buckets.delete(name);
        return 'again';
      case 'too-large':
        return full;
      case 'refused':
        return outcome.verdict;
    }
    return outcome satisfies never;
  }

  async #bucket(name: string, key: BucketKey, signal: AbortSignal): Promise<Bucket> {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const bucket = await Bucket.read(this.#parts.database, key, this.#parts.rules, signal);
    this.#keep(name, bucket);
    return bucket;
  }

  #keep(name: string, bucket: Bucket): void {
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    let size = 0;
    for (const each of this.#buckets.values()) size += each.size + 1;
    for (const [oldest, { size: freed }] of this.#buckets) {
      if (size <= mostCounters || oldest === name) break;
      this.#buckets.delete(oldest);
      size -= freed + 1;
    }
  }
}

const isLarge = ({ tallies }: Aggregate): boolean => tallies.length > mostChanged;

const tooLarge = reject({
  kind: 'oversize',
  message: 'What is to be counted of this record alone is larger than the server takes.',
});

const full = reject({
  kind: 'oversize',
  message:
    'The document of this time is as large as the server takes: enable_aggregate_self_healing begins another one within an aggregation_time of more than a minute.',
});

const busy = retry({
  kind: 'throttled',
  message: 'Others changed the document again and again meanwhile.',
});
