import {
  type Batch,
  type ByteWriter,
  Delivery,
  delivered,
  type Health,
  type LentWriters,
  reject,
  type Sink,
} from '#pump';
import type { Transport } from './transport.ts';

/** A request that is written, and what becomes of it. */
export interface Written {
  readonly body: Buffer;
  /** Called once, with whether the receiver took all of it. */
  readonly settled: (isTaken: boolean) => void;
}

/** What of records is sent. */
export interface Signal {
  /** Writes a batch as one request, into `out`. */
  write(batch: Batch, out: ByteWriter): Written;
  /** Of what the receiver took, but for so many of the things in it. */
  refused(batch: Batch, count: number): Delivery;
}

/** One request per batch. */
export class OtlpSink implements Sink {
  readonly #signal: Signal;
  readonly #transport: Transport;
  readonly #writers: LentWriters;

  constructor(signal: Signal, transport: Transport, writers: LentWriters) {
    this.#signal = signal;
    this.#transport = transport;
    this.#writers = writers;
  }

  deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    return this.#writers.lend(async (out) => {
      const { body, settled } = this.#signal.write(batch, out);
      const said = await this.#transport.send(body, batch.size, signal);
      settled(said.ok && said.refused === 0);
      if (!said.ok) return Delivery.whole(batch, said.verdict);
      return said.refused === 0
        ? Delivery.whole(batch, delivered())
        : this.#signal.refused(batch, said.refused);
    });
  }

  /** A request without anything in it, which receivers take. */
  async check(signal: AbortSignal): Promise<Health> {
    const said = await this.#transport.send(nothing, 1, signal);
    if (said.ok || said.verdict.outcome === 'delivered') return { state: 'up' };
    const { outcome, failure } = said.verdict;
    // It reads what it is sent, and there was nothing to take.
    if (outcome === 'reject') return { state: 'up' };
    return { state: 'down', reason: failure.message };
  }

  close(): Promise<void> {
    this.#transport.close();
    return Promise.resolve();
  }
}

const nothing = Buffer.alloc(0);

/** That the receiver does not say which it refused. */
export const someRefused = (count: number, what: string) =>
  reject({
    kind: 'invalid',
    message: `The receiver refused ${count} of the ${what} of a request, and does not say which.`,
  });
