import { Bell } from '../../lib/bell.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { type Millis, millis } from '../../lib/units.ts';
import { isAborted, pause, unlessAborted } from '../../lib/waiting.ts';
import type { CaptureMetrics } from '../metrics.ts';
import type { Writing } from '../source.ts';
import type { Destination } from './destination.ts';
import { Outage } from './outage.ts';
import { RecordQueue } from './queue.ts';

export interface RecorderParts {
  readonly destination: Destination;
  readonly bounds: { readonly records: number; readonly bytes: number };
  /** How long a record waits at most for others to be written with it. */
  readonly flush: Millis;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: CaptureMetrics;
}

/** Records that are written at once, without waiting for more. */
const fullBatch = 512;
const batchBytes = 1024 * 1024;
/** What is ahead of the writing where a source can wait: more would take memory, and make nothing faster. */
const enoughAhead = { records: 4 * fullBatch, bytes: 4 * batchBytes };
/** Between two attempts where records are not taken. */
const retryEvery = millis(200);

/*
 * Between traffic and Redis stands a queue. `put` never waits. A loop takes batches from the front; what was not written goes
 * back there and is tried again, so the order is kept. What may have been written before the connection broke is written
 * again: rather twice than not at all. At the bounds the oldest records go, counted.
 */
export class Recorder implements Writing {
  readonly #parts: RecorderParts;
  readonly #queue: RecordQueue;
  /** Rings when there is something to write. */
  readonly #some: Bell;
  /** Rings when there is enough for a batch. */
  readonly #enough: Bell;
  readonly #outage: Outage;
  #lastWritten: Millis;
  /** Records put ever, and of these lost. */
  #put = 0;
  #lost = 0;
  /** Those who wait for the queue to get shorter. Each is asked whether it is what it waits for. */
  readonly #waiting = new Set<() => void>();

  constructor(parts: RecorderParts) {
    const { bounds, clock, log } = parts;
    this.#parts = parts;
    this.#queue = new RecordQueue(bounds);
    this.#some = new Bell(clock);
    this.#enough = new Bell(clock);
    this.#outage = new Outage(clock, log);
    this.#lastWritten = clock.elapsed();
  }

  /** Takes a record, whatever is the matter. */
  put(record: Buffer): void {
    if (this.#queue.length === 0) this.#lastWritten = this.#parts.clock.elapsed();
    this.#put++;
    this.#lose(this.#queue.put(record));
    const { length } = this.#queue;
    if (length === 1) this.#some.ring();
    else if (length === fullBatch) this.#enough.ring();
  }

  async room(signal: AbortSignal): Promise<void> {
    const { bounds } = this.#parts;
    const records = Math.min(bounds.records / 2, enoughAhead.records);
    const bytes = Math.min(bounds.bytes / 2, enoughAhead.bytes);
    await this.#until(() => this.#queue.length <= records && this.#queue.bytes <= bytes, signal);
  }

  async written(signal: AbortSignal): Promise<boolean> {
    const [put, lost] = [this.#put, this.#lost];
    const isAnswered = (): boolean => this.#put - this.#queue.length >= put;
    await this.#until(isAnswered, signal);
    return isAnswered() && this.#lost === lost;
  }

  async #until(holds: () => boolean, signal: AbortSignal): Promise<void> {
    if (holds()) return;
    let look = (): void => undefined;
    const shorter = new Promise<void>((resolve) => {
      look = () => {
        if (holds()) resolve();
      };
    });
    this.#waiting.add(look);
    await unlessAborted(shorter, undefined, signal);
    this.#waiting.delete(look);
  }

  /** Why records wait; undefined: they are written as they come. */
  get trouble(): string | undefined {
    return this.#outage.reason;
  }

  /** Sets the gauges to what is now. */
  measure(): void {
    const { clock, metrics } = this.#parts;
    const { length, bytes } = this.#queue;
    metrics.queuedRecords.set(length);
    metrics.queuedBytes.set(bytes);
    metrics.oldest.set(length === 0 ? 0 : (clock.elapsed() - this.#lastWritten) / 1000);
  }

  /**
   * Writes until `stop`, then what is left, until that is done or `abandon` aborts; what is left then is lost, counted and
   * said. Resolves to how many these are.
   */
  async run({
    stop,
    abandon,
  }: {
    readonly stop: AbortSignal;
    readonly abandon: AbortSignal;
  }): Promise<number> {
    const { clock, flush } = this.#parts;
    while (!isAborted(abandon)) {
      if (this.#queue.length === 0) {
        if (isAborted(stop)) break;
        await this.#some.sleep(idle, stop);
        continue;
      }
      if (this.#queue.length < fullBatch && !isAborted(stop)) await this.#enough.sleep(flush, stop);
      if (!(await this.#writeSome())) await pause(clock, retryEvery, abandon);
    }
    return this.#end();
  }

  /** True: some were written. */
  async #writeSome(): Promise<boolean> {
    const { destination, metrics, clock } = this.#parts;
    const records = this.#queue.take(fullBatch, batchBytes);
    const outcome = await destination.write(records);
    if (outcome.kind === 'written') {
      this.#queue.done();
      this.#tell();
      this.#lastWritten = clock.elapsed();
      metrics.records.add(records.length, { outcome: 'written' });
      this.#outage.end(this.#queue.length);
      return true;
    }
    if (outcome.kind === 'unknown') {
      metrics.unknown.add(records.length);
      this.#outage.unknown(records.length);
    } else if (!outcome.isAway) metrics.refused.add(1);
    this.#outage.begin(outcome);
    this.#lose(this.#queue.back());
    return false;
  }

  #lose(records: number): void {
    if (records === 0) return;
    this.#lost += records;
    this.#tell();
    this.#parts.metrics.dropped.add(records, { reason: 'queue' });
    this.#outage.lose(records);
  }

  #tell(): void {
    for (const look of this.#waiting) look();
  }

  #end(): number {
    const { metrics, log } = this.#parts;
    const left = this.#queue.clear();
    this.#lost += left;
    this.#tell();
    if (left === 0) return 0;
    metrics.dropped.add(left, { reason: 'stop' });
    log.error(
      { records: left, reason: this.#outage.reason },
      'Records are lost: there was no time left to write them before the stop.',
    );
    return left;
  }
}

/** Nothing is asked for meanwhile; a ring ends it. */
const idle = millis(3_600_000);
