import { type Batch, Delivery, type Health, retry, type Sink, type Verdict } from '#pump';
import { judgeAnswer } from './answer.ts';
import type { Client } from './client.ts';
import { createEncoder, type Draft, type Encoder } from './messages.ts';
import { planSends, type Send } from './plan.ts';
import type { Outcome, Partition } from './producer/producer.ts';
import type { Settings } from './settings.ts';

export interface SinkParts {
  readonly client: Client;
  readonly settings: Settings;
}

/** Sends a batch and judges the answers. */
export class KafkaSink implements Sink {
  readonly #client: Client;
  readonly #settings: Settings;
  readonly #encode: Encoder;

  constructor({ client, settings }: SinkParts) {
    this.#client = client;
    this.#settings = settings;
    this.#encode = createEncoder(settings);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const { drafts, refused, release } = this.#encode(batch.entries);
    const found: Outcome<readonly Partition[]> =
      drafts.length === 0 ? nowhere : await this.#client.partitions(signal);
    const sends = found.ok ? planSends(drafts, found.value, this.#settings.batchBytes) : [];
    const otherwise = found.ok ? unsent : retry(found.failure);
    const verdicts = Array.from<Verdict | undefined>({ length: batch.size });
    const isAllSent = await this.#send(sends, verdicts, signal);
    // Of a failed request the client may still be reading.
    if (isAllSent) release();
    return Delivery.each(
      batch,
      (entry, index) => verdicts[index] ?? refused.get(entry) ?? otherwise,
    );
  }

  /** Puts each verdict at its place in the batch. */
  async #send(
    sends: readonly Send[],
    verdicts: (Verdict | undefined)[],
    signal: AbortSignal,
  ): Promise<boolean> {
    if (sends.length === 0) return true;
    const judge = (drafts: readonly Draft[], answer: Outcome<void>): boolean => {
      const verdict = judgeAnswer(answer, drafts.length);
      for (const { index } of drafts) verdicts[index] = verdict;
      return answer.ok;
    };
    if (this.#settings.transactionalId !== undefined) {
      const drafts = sends.flatMap(({ messages }) => messages);
      return judge(drafts, await this.#client.transact(sends, signal));
    }
    const sending = sends.map(async (send) =>
      judge(send.messages, await this.#client.send(send, signal)),
    );
    return (await Promise.all(sending)).every(Boolean);
  }

  async check(signal: AbortSignal): Promise<Health> {
    const found = await this.#client.lookUp(signal);
    return found.ok ? { state: 'up' } : { state: 'down', reason: found.failure.message };
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

const unsent: Verdict = retry({ kind: 'unexpected', message: 'No request was made.' });
const nowhere: Outcome<readonly Partition[]> = { ok: true, value: [] };
