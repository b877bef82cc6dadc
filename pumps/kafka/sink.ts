import {
  type Batch,
  type Clock,
  Delivery,
  delivered,
  type Failure,
  type Health,
  reject,
  retry,
  type Sink,
  type Verdict,
} from '#pump';
import { Buffers } from './buffers.ts';
import type { Client, Outcome } from './client.ts';
import { createEncoder, type Draft, type Encoder } from './messages.ts';
import type { Partition } from './partition.ts';
import { planSends } from './plan.ts';
import { type RecordSet, writeRecords } from './record-set.ts';
import type { Settings } from './settings.ts';

export interface SinkParts {
  readonly client: Client;
  readonly settings: Settings;
  readonly clock: Clock;
}

/** What goes to one partition in one request, and whose it is. */
interface Part {
  readonly drafts: readonly Draft[];
  readonly set: RecordSet;
}

/** Sends a batch and judges the answers. */
export class KafkaSink implements Sink {
  readonly #client: Client;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #encode: Encoder;
  readonly #buffers = new Buffers();

  constructor({ client, settings, clock }: SinkParts) {
    this.#client = client;
    this.#settings = settings;
    this.#clock = clock;
    this.#encode = createEncoder(settings);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const { drafts, refused, release } = this.#encode(batch.entries);
    const found: Outcome<readonly Partition[]> =
      drafts.length === 0 ? nowhere : await this.#client.partitions(signal);
    const parts = found.ok ? this.#write(drafts, found.value) : [];
    release();
    const otherwise = found.ok ? unsent : retry(found.failure);
    const verdicts = await this.#sendAll(parts, batch.size, signal);
    return Delivery.each(
      batch,
      (entry, index) => verdicts[index] ?? refused.get(entry) ?? otherwise,
    );
  }

  #write(drafts: readonly Draft[], partitions: readonly Partition[]): readonly Part[] {
    const now = this.#clock.now();
    return planSends(drafts, partitions, this.#settings.batchBytes).map((send) => ({
      drafts: send.drafts,
      set: writeRecords(send, now, (size) => this.#buffers.take(size)),
    }));
  }

  /** The verdicts of those that were sent, each at its place in the batch. */
  async #sendAll(
    parts: readonly Part[],
    size: number,
    signal: AbortSignal,
  ): Promise<readonly (Verdict | undefined)[]> {
    const verdicts = Array.from<Verdict | undefined>({ length: size });
    if (parts.length === 0) return verdicts;
    if (this.#settings.transactionalId === undefined) {
      const sending = parts.map(async (part) =>
        this.#judge([part], await this.#client.send(part.set, signal), verdicts),
      );
      await Promise.all(sending);
    } else {
      const sets = parts.map(({ set }) => set);
      this.#judge(parts, await this.#client.transact(sets, signal), verdicts);
    }
    return verdicts;
  }

  #judge(parts: readonly Part[], outcome: Outcome<void>, verdicts: (Verdict | undefined)[]): void {
    const count = parts.reduce((sum, { drafts }) => sum + drafts.length, 0);
    const verdict = outcome.ok ? delivered() : judgeFailure(outcome.failure, count);
    for (const { drafts, set } of parts) {
      for (const { index } of drafts) verdicts[index] = verdict;
      // After a failure the bytes may still be on their way out.
      if (outcome.ok) this.#buffers.give(set.buffer);
    }
  }

  async check(signal: AbortSignal): Promise<Health> {
    const found = await this.#client.lookUp(signal);
    return found.ok ? { state: 'up' } : { state: 'down', reason: found.failure.message };
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

/** Too large together: the courier halves the batch, until one record is too large alone. */
const judgeFailure = (failure: Failure, count: number): Verdict =>
  failure.kind === 'oversize' && count === 1 ? reject(failure) : retry(failure);

const unsent: Verdict = retry({ kind: 'unexpected', message: 'No request was made.' });
const nowhere: Outcome<readonly Partition[]> = { ok: true, value: [] };
