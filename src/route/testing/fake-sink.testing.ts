import { untilAborted } from '../../lib/waiting.ts';
import type { Batch } from '../../pump/batch.ts';
import { Delivery } from '../../pump/delivery.ts';
import type { Health, Sink } from '../../pump/sink.ts';
import { delivered, type FailureKind, retry } from '../../pump/verdict.ts';

export type Deliver = Sink['deliver'];

/** A sink that answers as told and remembers what it was given. */
export class FakeSink implements Sink {
  /** Their records are lent: what they hold may be read before they are answered, and in `seen` after that. */
  readonly batches: Batch[] = [];
  /** Copies of all bytes that were delivered, in that order. */
  readonly seen: Buffer[] = [];
  answer: Deliver;
  underWay = 0;
  mostUnderWay = 0;
  closed = 0;
  readonly end = new AbortController();
  readonly gone = this.end.signal;

  constructor(answer: Deliver = (batch) => Promise.resolve(Delivery.whole(batch, delivered()))) {
    this.answer = answer;
  }

  get sizes(): readonly number[] {
    return this.batches.map(({ size }) => size);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    this.batches.push(batch);
    for (const { record } of batch) this.seen.push(Buffer.from(record.bytes));
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      return await this.answer(batch, signal);
    } finally {
      this.underWay -= 1;
    }
  }

  check(): Promise<Health> {
    return Promise.resolve({ state: 'up' });
  }

  close(): Promise<void> {
    this.closed += 1;
    return Promise.resolve();
  }
}

export const failure = (kind: FailureKind) => ({ kind, message: `it is ${kind}` });

/** What a sink that fails answers: the same each time, nothing ever, or nothing until it is told to give up. */
export const retrying =
  (kind: FailureKind): Deliver =>
  (batch) =>
    Promise.resolve(Delivery.whole(batch, retry(failure(kind))));
export const never: Deliver = () => new Promise(() => undefined);
export const hanging: Deliver = (batch, signal) => untilAborted(never(batch, signal), signal);
