import {
  type Batch,
  Delivery,
  type Health,
  type HttpClient,
  retry,
  type Shape,
  type Sink,
  withoutReason,
} from '#pump';
import { judgeAnswer } from './answer.ts';
import { linesWriter } from './encode.ts';

/** One request per batch. */
export class LinesSink implements Sink {
  readonly #client: HttpClient;
  readonly #linesOf: (batch: Batch) => Uint8Array;

  constructor(client: HttpClient, document: Shape) {
    this.#client = client;
    this.#linesOf = linesWriter(document);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    // An empty path is the address as the operator wrote it.
    const request = { method: 'POST', path: '', body: this.#linesOf(batch) } as const;
    const outcome = await this.#client.send(request, signal);
    const verdict = outcome.ok ? judgeAnswer(outcome.answer, batch.size) : retry(outcome.failure);
    return Delivery.whole(batch, verdict);
  }

  /** Asked now and then, for the log, the metric `sluice_route_up` and /ready. A server that answers is there. */
  async check(signal: AbortSignal): Promise<Health> {
    const outcome = await this.#client.send({ method: 'GET', path: '' }, signal);
    if (!outcome.ok) return { state: 'down', reason: outcome.failure.message };
    const { status } = outcome.answer;
    return status === 401 || status === 403 || status >= 500
      ? { state: 'down', reason: withoutReason(outcome.answer) }
      : { state: 'up' };
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}
