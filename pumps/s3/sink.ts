import {
  type Answered,
  type Batch,
  Delivery,
  delivered,
  type Entry,
  type Health,
  type LentWriters,
  retry,
  type Shape,
  type Sink,
  unlessAborted,
  type Verdict,
} from '#pump';
import { failureOf, judgeError, type StoreError } from './answer.ts';
import { type Compression, compressionOf } from './compress.ts';
import { linesWriter } from './encode.ts';
import { objectName, prefixWriter } from './object-key.ts';
import type { Options } from './options.ts';
import type { Store } from './store.ts';

export interface SinkParts {
  readonly store: Store;
  readonly options: Options;
  /** What is written of a record. */
  readonly document: Shape;
  readonly writers: LentWriters;
}

/** Objects of one batch under way at once. */
const lanes = 4;

/** An object for each prefix that the records of a batch have. */
export class S3Sink implements Sink {
  readonly #store: Store;
  readonly #writers: LentWriters;
  readonly #compression: Compression;
  readonly #prefixOf: ReturnType<typeof prefixWriter>;
  readonly #writeLines: ReturnType<typeof linesWriter>;

  constructor({ store, options, document, writers }: SinkParts) {
    this.#store = store;
    this.#writers = writers;
    this.#compression = compressionOf(options.compression);
    this.#prefixOf = prefixWriter(options.prefix);
    this.#writeLines = linesWriter(document, options.record_ids);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const groups = new Map<string, Entry[]>();
    for (const entry of batch) {
      const prefix = this.#prefixOf(entry.record);
      const group = groups.get(prefix);
      if (group === undefined) groups.set(prefix, [entry]);
      else group.push(entry);
    }
    const answers: Answered[] = [];
    // The lanes take turns at one iterator.
    const waiting = groups[Symbol.iterator]();
    const lane = async (): Promise<void> => {
      for (const [prefix, entries] of waiting)
        answers.push({ entries, said: await this.#put(prefix, entries, signal) });
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return Delivery.ofRequests(batch, answers, () => unanswered);
  }

  #put(prefix: string, entries: readonly Entry[], signal: AbortSignal): Promise<Verdict> {
    const { ending, encoding, compress } = this.#compression;
    const key = `${prefix}${objectName(entries)}.ndjson${ending}`;
    return this.#writers.lend(async (out) => {
      this.#writeLines(entries, out);
      const body = await compress(out.view());
      if (signal.aborted) return late;
      const error = await this.#store.put({ key, body, encoding }, signal);
      return error === undefined ? delivered() : judgeError(error);
    });
  }

  async check(signal: AbortSignal): Promise<Health> {
    const error = await unlessAborted(this.#store.look(signal), noTime, signal);
    if (error === undefined) return { state: 'up' };
    const reason = failureOf(error).message.replace(
      'object could not be stored',
      'bucket is not seen',
    );
    // A key may be one that may only write.
    return { state: error.status === 403 ? 'unknown' : 'down', reason };
  }

  close(): Promise<void> {
    this.#store.close();
    return Promise.resolve();
  }
}

const noTime: StoreError = { name: 'TimeoutError', status: undefined, failure: undefined };
const late: Verdict = retry({
  kind: 'timeout',
  message: 'No object was stored before the deadline.',
});
const unanswered: Verdict = retry({ kind: 'unexpected', message: 'No request was made.' });
