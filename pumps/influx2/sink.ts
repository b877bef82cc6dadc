import {
  type Batch,
  type Clock,
  Delivery,
  explain,
  type Health,
  type HttpClient,
  reject,
  retry,
  type Sink,
} from '#pump';
import { judgeWrite } from '../shared/line-protocol/answer.ts';
import { lookForBucket } from './bucket.ts';
import { createEncoder, hasFields } from './encode.ts';
import type { Options } from './options.ts';

export interface SinkParts {
  readonly client: HttpClient;
  readonly options: Options;
  readonly clock: Clock;
}

/** One request per batch. */
export class Influx2Sink implements Sink {
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #options: Options;
  readonly #path: string;
  readonly #encode: ReturnType<typeof createEncoder>;

  constructor({ client, options, clock }: SinkParts) {
    this.#client = client;
    this.#clock = clock;
    this.#options = options;
    const { organization, bucket } = options;
    const query = new URLSearchParams({ org: organization, bucket, precision: 'ns' });
    this.#path = `/api/v2/write?${query.toString()}`;
    this.#encode = createEncoder(options);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    if (!hasFields(this.#options)) return Delivery.each(batch, withoutFields);
    const lines = this.#encode(batch, this.#clock.now());
    const outcome = await this.#client.send(
      {
        method: 'POST',
        path: this.#path,
        body: lines.body,
        headers: { 'content-type': 'text/plain; charset=utf-8', accept: 'application/json' },
      },
      signal,
    );
    return outcome.ok
      ? judgeWrite(outcome.answer, batch, lines)
      : Delivery.whole(batch, retry(outcome.failure));
  }

  async check(signal: AbortSignal): Promise<Health> {
    try {
      const look = await lookForBucket(this.#client, this.#options, signal);
      if ('reason' in look) return { state: 'down', reason: look.reason };
      // A token that may only write sees no buckets, and can write all the same.
      return look.found
        ? { state: 'up' }
        : { state: 'unknown', reason: 'The bucket is missing, or the token may not see it.' };
    } catch (error) {
      return { state: 'down', reason: explain(error) };
    }
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}

const withoutFields = () =>
  reject({
    kind: 'invalid',
    message: 'The option `fields` names nothing that a point could hold.',
  });
