import {
  type Batch,
  type Clock,
  Delivery,
  delivered,
  type Entry,
  type Failure,
  type Health,
  reject,
  retry,
  type Sink,
  type Verdict,
} from '#pump';
import type { Client, Outcome } from './client.ts';
import { createEncoder, type Draft, type Encoder } from './messages.ts';
import { planSends, type Send } from './plan.ts';
import { type RecordSet, writeRecords } from './record-set.ts';
import type { Settings } from './settings.ts';

export interface SinkParts {
  readonly client: Client;
  readonly settings: Settings;
  readonly clock: Clock;
}

/** Sends a batch and judges the answers. */
export class KafkaSink implements Sink {
  readonly #client: Client;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #encode: Encoder;

  constructor({ client, settings, clock }: SinkParts) {
    this.#client = client;
    this.#settings = settings;
    this.#clock = clock;
    this.#encode = createEncoder(settings);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const { drafts, refused } = this.#encode(batch.entries);
    if (drafts.length === 0) return Delivery.each(batch, (entry) => refused.get(entry) ?? unsent);
    const found = await this.#client.partitions(signal);
    const sends = found.ok ? planSends(drafts, found.value, this.#settings.batchBytes) : [];
    const verdicts = found.ok
      ? await this.#sendAll(sends, signal)
      : new Map(drafts.map(({ entry }) => [entry, retry(found.failure)]));
    return Delivery.each(batch, (entry) => refused.get(entry) ?? verdicts.get(entry) ?? unsent);
  }

  async #sendAll(
    sends: readonly Send[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Entry, Verdict>> {
    if (this.#settings.transactionalId !== undefined) {
      const drafts = sends.flatMap((send) => send.drafts);
      const outcome = await this.#client.transact(
        sends.map((send) => this.#recordsOf(send)),
        signal,
      );
      return new Map(judge(drafts, outcome));
    }
    const judged = await Promise.all(
      sends.map(async (send) =>
        judge(send.drafts, await this.#client.send(this.#recordsOf(send), signal)),
      ),
    );
    return new Map(judged.flat());
  }

  #recordsOf({ partition, drafts }: Send): RecordSet {
    return writeRecords(partition, drafts, this.#clock.now());
  }

  async check(signal: AbortSignal): Promise<Health> {
    const found = await this.#client.lookUp(signal);
    return found.ok ? { state: 'up' } : { state: 'down', reason: found.failure.message };
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

function judge(
  drafts: readonly Draft[],
  outcome: Outcome<void>,
): readonly (readonly [Entry, Verdict])[] {
  const verdict = outcome.ok ? delivered() : judgeFailure(outcome.failure, drafts.length);
  return drafts.map(({ entry }) => [entry, verdict]);
}

/** Too large together: the courier halves the batch, until one record is too large alone. */
const judgeFailure = (failure: Failure, count: number): Verdict =>
  failure.kind === 'oversize' && count === 1 ? reject(failure) : retry(failure);

const unsent: Verdict = retry({ kind: 'unexpected', message: 'No request was made.' });
