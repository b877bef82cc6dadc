import {
  type Batch,
  Delivery,
  delivered,
  type Health,
  retry,
  type Shape,
  type Sink,
  type Verdict,
} from '#pump';
import { judgeAnswer } from './answer.ts';
import type { Client } from './client.ts';
import { Encoder, type Send } from './messages.ts';
import type { Outcome, Partition } from './producer/producer.ts';
import type { Settings } from './settings.ts';

export interface SinkParts {
  readonly client: Client;
  readonly settings: Settings;
  readonly document: Shape;
}

/** Sends a batch and judges the answers. */
export class KafkaSink implements Sink {
  readonly #client: Client;
  readonly #settings: Settings;
  readonly #encoder: Encoder;

  constructor({ client, settings, document }: SinkParts) {
    this.#client = client;
    this.#settings = settings;
    this.#encoder = new Encoder(settings, document);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const found = await this.#client.partitions(signal);
    // What can be sent nowhere is known without them.
    const partitions = found.ok ? found.value : anywhere;
    const { sends, refused, release } = this.#encoder.encode(batch.entries, partitions);
    const verdicts = Array.from<Verdict | undefined>({ length: batch.size });
    const isAllSent = !found.ok || (await this.#send(sends, verdicts, signal));
    // Of a failed request the client may still be reading.
    if (isAllSent) release();
    if (found.ok && isAllSent && refused.size === 0) return Delivery.whole(batch, delivered());
    const otherwise = found.ok ? unsent : retry(found.failure);
    return Delivery.each(batch, (_, at) => verdicts[at] ?? refused.get(at) ?? otherwise);
  }

  /** Puts each verdict at its place in the batch. */
  async #send(
    sends: readonly Send[],
    verdicts: (Verdict | undefined)[],
    signal: AbortSignal,
  ): Promise<boolean> {
    if (sends.length === 0) return true;
    const judge = (judged: readonly Send[], answer: Outcome<void>): boolean => {
      const records = judged.reduce((sum, { count }) => sum + count, 0);
      const verdict = judgeAnswer(answer, records);
      for (const { places } of judged) for (const place of places) verdicts[place] = verdict;
      if (!answer.ok && answer.failure.kind === 'oversize') this.#encoder.wereTooLarge(judged);
      return answer.ok;
    };
    if (this.#settings.transactionalId !== undefined)
      return judge(sends, await this.#client.transact(sends, signal));
    const sending = sends.map(async (send) => judge([send], await this.#client.send(send, signal)));
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
const anywhere: readonly Partition[] = [{ id: 0, hasLeader: false }];
