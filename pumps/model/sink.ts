/**
 * Learns each batch, and answers once the file has what was learned: a process that is killed has answered for nothing that is not
 * on the disk. Where the file cannot be written, the records come again; they are known by their ids, and not learned twice. Where
 * another process has written it, the batch is learned once more, on top of what that one wrote.
 */
import { setImmediate } from 'node:timers/promises';
import {
  type ApiModel,
  type Baseline,
  callOf,
  encodeModel,
  type Loss,
  ModelFileError,
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
import { createMeter, type Meter } from './meter.ts';
import type { Store } from './store.ts';

/** What a file holds: replaced where another process has written it. */
export interface Kept {
  model: ApiModel;
  violations: ViolationBook;
}

interface SinkParts {
  readonly kept: Kept;
  /** Undefined: calls are held to nothing. */
  readonly baseline: Baseline | undefined;
  readonly store: Store;
  /** Of what the file has. Throws `ModelFileError`. */
  readonly decode: (text: string | undefined) => Kept;
  readonly context: PumpContext;
  readonly unmount: () => unknown;
}

/** Milliseconds after which others of the process have their turn. */
const turn = 20;
/** Times that a batch is learned on top of what others wrote before it comes again later. */
const mostTries = 5;

export class ModelSink implements Sink {
  readonly #parts: SinkParts;
  readonly #meter: Meter;
  /** Ids of records that were learned and are not in the file yet: of one batch, for nothing is learned before they are. */
  readonly #unwritten = new Set<string>();
  readonly #told = new Set<Loss>();
  #writing: Promise<'written' | 'changed'> | undefined;
  #isViolated = false;
  #isShared = false;

  constructor(parts: SinkParts) {
    this.#parts = parts;
    this.#meter = createMeter(parts.context.metrics, parts.context.route);
    this.#meter.show(parts.kept.model);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    if (signal.aborted) return Delivery.whole(batch, aborted);
    try {
      for (let tries = 0; tries < mostTries; tries++) {
        const isOthers =
          this.#unwritten.size > 0 &&
          !batch.entries.some((each) => this.#unwritten.has(idOf(each)));
        if (isOthers && (await this.#write(signal)) === 'changed') await this.#readAgain(signal);
        if (!(await this.#learn(batch, signal))) return Delivery.whole(batch, aborted);
        const outcome = await this.#write(signal);
        if (outcome === 'written')
          return Delivery.whole(batch, isAborted(signal) ? aborted : delivered());
        if (outcome === undefined) return Delivery.whole(batch, aborted);
        await this.#readAgain(signal);
      }
      return Delivery.whole(batch, crowded);
    } catch (error) {
      if (!(error instanceof ModelFileError)) return Delivery.whole(batch, verdictOf(error));
      const message = `the file is no model any more: ${error.message}`;
      return Delivery.whole(batch, retry({ kind: 'unexpected', message, cause: error }));
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
      this.#writing?.then(nothing, nothing) ?? Promise.resolve(),
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
    const { kept, baseline } = this.#parts;
    const call = kept.model.read(callOf(record));
    for (const violation of baseline?.violationsOf(call) ?? []) {
      kept.violations.add(violation, id, call.time);
      this.#meter.violated(violation);
    }
    kept.model.learn(call);
    this.#unwritten.add(id);
  }

  /** Undefined: it was aborted, and may still be at it. */
  async #write(signal: AbortSignal): Promise<'written' | 'changed' | undefined> {
    const { kept, store } = this.#parts;
    // One that was aborted may still be at it.
    if (this.#writing !== undefined)
      await unlessAborted(this.#writing.then(nothing, nothing), undefined, signal);
    signal.throwIfAborted();
    const written = new Set(this.#unwritten);
    this.#writing = store
      .write(encodeModel(kept.model, kept.violations))
      .then((outcome) => {
        if (outcome === 'written') for (const id of written) this.#unwritten.delete(id);
        return outcome;
      })
      .finally(() => {
        this.#writing = undefined;
      });
    return unlessAborted(this.#writing, undefined, signal);
  }

  /** What another process has written. What was learned and is not in it is learned anew when its records come. */
  async #readAgain(signal: AbortSignal): Promise<void> {
    const { kept, store, decode, context } = this.#parts;
    const text = await unlessAborted(store.read(), undefined, signal);
    signal.throwIfAborted();
    Object.assign(kept, decode(text));
    this.#unwritten.clear();
    if (this.#isShared) return;
    this.#isShared = true;
    context.log.info(
      {},
      'Another process writes the file of the model, too; each goes on from what the other wrote.',
    );
  }

  /** What begins to be left out, and the first violation, once each. */
  #tell(): void {
    const { kept, context } = this.#parts;
    const { model, violations } = kept;
    this.#meter.show(model);
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

const nothing = (): undefined => undefined;

const aborted = retry({ kind: 'timeout', message: 'aborted before the model was written' });

const crowded = retry({
  kind: 'throttled',
  message: 'other processes wrote the file of the model again and again',
});
