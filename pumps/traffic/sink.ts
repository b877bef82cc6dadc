/** Gives each batch to the store, and answers once it is on the disk. After a failure the store is opened anew. */
import {
  type Batch,
  Delivery,
  delivered,
  explain,
  folderMode,
  type Health,
  type PumpContext,
  retry,
  type Sink,
  unlessAborted,
  type Verdict,
} from '#pump';
import { ownRecord, TrafficStore } from '#traffic';
import { diskFolder } from '../shared/files/folder.ts';
import { OneAtATime } from '../shared/files/one-at-a-time.ts';
import { failureOf } from './answer.ts';
import { createMeter, type Meter } from './meter.ts';
import type { Options } from './options.ts';

export class TrafficSink implements Sink {
  readonly #options: Options;
  readonly #context: PumpContext;
  readonly #meter: Meter;
  readonly #turns = new OneAtATime();
  #store: TrafficStore | undefined;
  #isClosed = false;

  constructor(options: Options, context: PumpContext) {
    this.#options = options;
    this.#context = context;
    this.#meter = createMeter(context.metrics, context.route);
  }

  /** Rejects as the store does. */
  open(): Promise<void> {
    return this.#turns.runAll(async () => {
      await this.#opened();
      if (this.#isClosed) this.#leave();
    });
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const verdict = await this.#turns.run(() => this.#write(batch), aborted, signal);
    return Delivery.whole(batch, verdict);
  }

  async check(signal: AbortSignal): Promise<Health> {
    const late: Health = { state: 'down', reason: 'the disk did not answer in time' };
    return this.#turns.run(() => this.#probe(), late, signal);
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#isClosed = true;
    const leaving = this.#turns.runAll(() => {
      this.#leave();
      return Promise.resolve();
    });
    await unlessAborted(leaving, undefined, signal);
  }

  async #write({ entries }: Batch): Promise<Verdict> {
    // Before anything is waited for: records are lent until the answer, which may come before the write has ended.
    const incoming = entries.map(({ segment, index, record }) => ({
      segment,
      place: index,
      record: ownRecord(record),
    }));
    try {
      const store = await this.#opened();
      this.#meter.took(incoming.length, await store.append(incoming));
      this.#meter.show(store.standing);
      return delivered();
    } catch (error) {
      this.#leave();
      const failure = failureOf(error);
      return retry(failure ?? { kind: 'unexpected', message: explain(error), cause: error });
    }
  }

  async #probe(): Promise<Health> {
    const { folder, file_mode } = this.#options;
    try {
      await diskFolder(folder, file_mode).probe('0.traffic');
      const store = await this.#opened();
      await store.sweep();
      this.#meter.show(store.standing);
      return { state: 'up' };
    } catch (error) {
      this.#leave();
      return { state: 'down', reason: failureOf(error)?.message ?? explain(error) };
    }
  }

  async #opened(): Promise<TrafficStore> {
    if (this.#store !== undefined) return this.#store;
    const { folder, file_mode, max_bytes, max_age, trigrams } = this.#options;
    const { log, clock } = this.#context;
    this.#store = await TrafficStore.open(
      {
        folder,
        fileMode: file_mode,
        folderMode: folderMode(file_mode),
        maxBytes: max_bytes,
        maxAge: max_age,
        hasTrigrams: trigrams,
      },
      {
        clock,
        news: {
          dropped: (file, bytes) => {
            this.#meter.left('dropped');
            log.info({ file, bytes }, 'The oldest calls of the traffic store have been dropped.');
          },
          damaged: (file, reason) => {
            this.#meter.left('damaged');
            log.error(
              { file, reason },
              'A damaged file of the traffic store was set aside; its calls are not found any more.',
            );
          },
        },
      },
    );
    this.#meter.show(this.#store.standing);
    return this.#store;
  }

  #leave(): void {
    const store = this.#store;
    this.#store = undefined;
    store?.close();
  }
}

const aborted = retry({ kind: 'timeout', message: 'the write was aborted; it may still happen' });
