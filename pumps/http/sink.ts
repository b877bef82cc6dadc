import {
  type Batch,
  type ByteWriter,
  type Clock,
  Delivery,
  type Entry,
  type Health,
  type HttpClient,
  type LentWriters,
  type Log,
  reject,
  retry,
  type Sink,
  type Verdict,
  withoutReason,
} from '#pump';
import { judgeAnswer } from './answer.ts';
import { createEncoder, type Encoder } from './encode.ts';
import { compressed, createRouter, idempotencyKey, type Router, type Target } from './requests.ts';
import type { Settings } from './settings.ts';

export interface SinkParts {
  readonly client: HttpClient;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly writers: LentWriters;
}

interface Request {
  readonly target: Target;
  readonly entries: readonly Entry[];
  readonly body: Buffer;
}

interface Outcome {
  readonly target: Target;
  readonly entries: readonly Entry[];
  readonly said: Verdict;
}

/** Requests of one batch under way at once. */
const lanes = 4;

/** Sends a batch as one request, or as several where records go to several addresses or do not fit in one. */
export class HttpSink implements Sink {
  readonly #parts: SinkParts;
  readonly #route: Router;
  readonly #encode: Encoder;

  constructor(parts: SinkParts) {
    this.#parts = parts;
    this.#route = createRouter(parts.settings);
    this.#encode = createEncoder(parts.settings);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const { groups, unfit } = this.#route(batch);
    return this.#parts.writers.lend(async (out) => {
      const requests = groups.flatMap(({ target, entries }) =>
        this.#requestsOf(target, entries, out),
      );
      const outcomes = await this.#sendAll(requests, signal);
      const refusal = unfit.size === 0 ? refusalOfAll(outcomes) : undefined;
      if (refusal !== undefined) return Delivery.whole(batch, refusal);
      const answers: Outcome[] = [];
      for (const outcome of outcomes) answers.push(...(await this.#halved(outcome, out, signal)));
      return Delivery.ofRequests(batch, answers, (entry) =>
        unfit.has(entry) ? noAddress : unanswered,
      );
    });
  }

  #requestsOf(target: Target, entries: readonly Entry[], out: ByteWriter): readonly Request[] {
    const portions = this.#encode(entries, this.#parts.clock.now(), out);
    return portions.map(({ entries: own, body }) => ({ target, entries: own, body }));
  }

  async #sendAll(requests: readonly Request[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    // The lanes take turns at one iterator.
    const waiting = requests[Symbol.iterator]();
    const lane = async (): Promise<void> => {
      for (const request of waiting) {
        const { target, entries } = request;
        outcomes.push({ target, entries, said: await this.#send(request, signal) });
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return outcomes;
  }

  async #send({ target, entries, body }: Request, signal: AbortSignal): Promise<Verdict> {
    const { client, settings, log } = this.#parts;
    const { idempotencyHeader, statuses, gzipLevel } = settings;
    const headers =
      idempotencyHeader === '' ? {} : { [idempotencyHeader]: idempotencyKey(entries) };
    const sent = await compressed(body, gzipLevel);
    const outcome = await client.send({ ...target, headers, body: sent }, signal);
    if (!outcome.ok) return retry(outcome.failure);
    const { answer } = outcome;
    const verdict = judgeAnswer(answer, entries.length, statuses);
    if (verdict.outcome !== 'delivered' && answer.body !== '')
      log.debug(
        { status: answer.status, answer: answer.body.slice(0, 300) },
        'The server refused a request. What it says may repeat what a record holds.',
      );
    return verdict;
  }

  /**
   * A request that is a part of the batch, and was refused for one of its records while the server takes others: the courier
   * halves batches and no parts of them, so it is done here.
   */
  async #halved(
    outcome: Outcome,
    out: ByteWriter,
    signal: AbortSignal,
  ): Promise<readonly Outcome[]> {
    const { target, entries } = outcome;
    if (!isDivisible(outcome)) return [outcome];
    const middle = Math.ceil(entries.length / 2);
    const requests = [entries.slice(0, middle), entries.slice(middle)].flatMap((half) =>
      this.#requestsOf(target, half, out),
    );
    const answers: Outcome[] = [];
    for (const half of await this.#sendAll(requests, signal))
      answers.push(...(await this.#halved(half, out, signal)));
    return answers;
  }

  /** Any answer but one that says no shows that the server is there; whether it takes records, only records show. */
  async check(signal: AbortSignal): Promise<Health> {
    const outcome = await this.#parts.client.send({ method: 'HEAD', path: '' }, signal);
    if (!outcome.ok) return { state: 'down', reason: outcome.failure.message };
    const { status } = outcome.answer;
    const reason = withoutReason(outcome.answer);
    if (status === 401 || (status >= 500 && status !== 501)) return { state: 'down', reason };
    // A key that may only write.
    return status === 403 ? { state: 'unknown', reason } : { state: 'up' };
  }

  close(): Promise<void> {
    this.#parts.client.close();
    return Promise.resolve();
  }
}

const isRefused = ({ said }: Outcome): boolean => said.outcome === 'reject';

const isDivisible = (outcome: Outcome): boolean => isRefused(outcome) && outcome.entries.length > 1;

/** Where the server took nothing, the courier looks for those to blame, and for the server itself being out of order. */
const refusalOfAll = (outcomes: readonly Outcome[]): Verdict | undefined =>
  outcomes.every(isRefused) ? outcomes.find(isDivisible)?.said : undefined;

const noAddress: Verdict = reject({
  kind: 'invalid',
  message: 'The fields that `url` or `method` name make no address or no method of it.',
});

const unanswered: Verdict = retry({ kind: 'unexpected', message: 'No request was made.' });
