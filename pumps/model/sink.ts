/**
 * Learns each batch, and answers once the file has what was learned: a process that is killed has answered for nothing that is not
 * on the disk. Where the file cannot be written, the records come again; they are known by their ids, and not learned twice.
 */
import { setImmediate } from 'node:timers/promises';
import {
  type ApiModel,
  type Baseline,
  callOf,
  encodeModel,
  type Loss,
  type ViolationBook,
} from '#model';
import {
  type Batch,
  Delivery,
  delivered,
  type Entry,
  explain,
  type Health,
  isAborted,
  type PumpContext,
  retry,
  type Sink,
  unlessAborted,
} from '#pump';
import { verdictOf } from '../shared/files/failure.ts';
import type { Store } from './store.ts';

interface SinkParts {
  readonly model: ApiModel;
  readonly violations: ViolationBook;
  /** Undefined: calls are held to nothing. */
  readonly baseline: Baseline | undefined;
  readonly store: Store;
  readonly context: PumpContext;
  readonly unmount: () => unknown;
}

/** Milliseconds after which others of the process have their turn. */
const turn = 20;

export class ModelSink implements Sink {
  readonly #parts: SinkParts;
  /** Ids of records that were learned and are not in the file yet: of one batch, for nothing is learned before they are. */
  readonly #unwritten = new Set<string>();
  readonly #told = new Set<Loss>();
  #writing: Promise<void> | undefined;
  #isViolated = false;

  constructor(parts: SinkParts) {
    this.#parts = parts;
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    if (signal.aborted) return Delivery.whole(batch, aborted);
    try {
      if (
        this.#unwritten.size > 0 &&
        !batch.entries.some((each) => this.#unwritten.has(idOf(each)))
      )
        await this.#write(signal);
      if (!(await this.#learn(batch, signal))) return Delivery.whole(batch, aborted);
      await this.#write(signal);
      return Delivery.whole(batch, isAborted(signal) ? aborted : delivered());
    } catch (error) {
      return Delivery.whole(batch, verdictOf(error));
    }
  }

  async check(signal: AbortSignal): Promise<Health> {
    const { store } = this.#parts;
    try {
      const late: Health = { state: 'down', reason: 'the folder did not answer in time' };
      return await unlessAborted(
        store.probe().then((): Health => ({ state: 'up' })),
        late,
        signal,
      );
    } catch (error) {
      return { state: 'down', reason: explain(error) };
    }
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#parts.unmount();
    await unlessAborted(
      this.#writing?.catch(() => undefined) ?? Promise.resolve(),
      undefined,
      signal,
    );
  }

  /** False: it was aborted on the way. */
  async #learn(batch: Batch, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#parts.context;
    let began = clock.elapsed();
    for (const entry of batch) {
      const id = idOf(entry);
      if (this.#unwritten.has(id)) continue;
      this.#learnOne(entry, id);
      if (clock.elapsed() - began < turn) continue;
      await setImmediate();
      if (signal.aborted) return false;
      began = clock.elapsed();
    }
    this.#tell();
    return true;
  }

  #learnOne({ record }: Entry, id: string): void {
    const { model, baseline, violations } = this.#parts;
    const call = model.read(callOf(record));
    for (const violation of baseline?.violationsOf(call) ?? [])
      violations.add(violation, id, call.time);
    model.learn(call);
    this.#unwritten.add(id);
  }

  async #write(signal: AbortSignal): Promise<void> {
    const { model, violations, store } = this.#parts;
    // One that was aborted may still be at it.
    if (this.#writing !== undefined)
      await unlessAborted(
        this.#writing.catch(() => undefined),
        undefined,
        signal,
      );
    signal.throwIfAborted();
    const written = new Set(this.#unwritten);
    this.#writing = store
      .write(encodeModel(model, violations))
      .then(() => {
        for (const id of written) this.#unwritten.delete(id);
      })
      .finally(() => {
        this.#writing = undefined;
      });
    await unlessAborted(this.#writing, undefined, signal);
  }

  /** What begins to be left out, and the first violation, once each. */
  #tell(): void {
    const { model, violations, context } = this.#parts;
    for (const [loss, count] of model.room.lost) {
      if (this.#told.has(loss)) continue;
      this.#told.add(loss);
      context.log.warn(
        { left_out: loss, count },
        'Something of the calls finds no room in the model.',
      );
    }
    if (this.#isViolated || violations.kinds.size === 0) return;
    this.#isViolated = true;
    context.log.warn(
      { kinds: violations.kinds.size },
      'Calls are not as the baseline of the model says; `sluice model violations` lists them.',
    );
  }
}

const idOf = ({ segment, index }: Entry): string => `${segment}:${String(index)}`;

const aborted = retry({ kind: 'timeout', message: 'aborted before the model was written' });
