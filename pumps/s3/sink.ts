import {
  type Answered,
  type Batch,
  Delivery,
  delivered,
  type Entry,
  type Health,
  retry,
  type Sink,
  unlessAborted,
  type Verdict,
} from '#pump';
import { failureOf, judgeError, type StoreError } from './answer.ts';
import type { ObjectFormat } from './object-format.ts';
import { objectName, prefixWriter } from './object-key.ts';
import type { Options } from './options.ts';
import type { Content, Store } from './store.ts';

export interface SinkParts {
  readonly store: Store;
  readonly options: Pick<Options, 'prefix'>;
  readonly format: ObjectFormat;
}

/** Objects of one batch under way at once. */
const lanes = 4;

/** An object for each prefix that the records of a batch have. */
export class S3Sink implements Sink {
  readonly #store: Store;
  readonly #format: ObjectFormat;
  readonly #prefixOf: ReturnType<typeof prefixWriter>;

  constructor({ store, options, format }: SinkParts) {
    this.#store = store;
    this.#format = format;
    this.#prefixOf = prefixWriter(options.prefix);
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
    const key = `${prefix}${objectName(entries)}${this.#format.ending}`;
    const put = async (content: Content): Promise<Verdict> => {
      const error = await this.#store.put({ key, ...content }, signal);
      return error === undefined ? delivered() : judgeError(error);
    };
    return this.#format.store(entries, put, late, signal);
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
