import {
  type Batch,
  type Clock,
  Delivery,
  type Health,
  type HttpClient,
  reject,
  retry,
  type Sink,
} from '#pump';
import { describeWrite, judgeWrite, serverMessage } from '../shared/line-protocol/answer.ts';
import { createEncoder, hasFields } from './encode.ts';
import type { Options } from './options.ts';

export interface SinkParts {
  readonly client: HttpClient;
  readonly options: Options;
  readonly clock: Clock;
}

/** One request per batch. */
export class InfluxSink implements Sink {
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #options: Options;
  readonly #path: string;
  readonly #encodeStrictly: ReturnType<typeof createEncoder>;
  /** As Tyk Pump does, until the server cannot read it. */
  #encode: ReturnType<typeof createEncoder>;

  constructor({ client, options, clock }: SinkParts) {
    this.#client = client;
    this.#clock = clock;
    this.#options = options;
    this.#path = `/write?db=${encodeURIComponent(options.database_name)}&precision=ns`;
    this.#encodeStrictly = createEncoder(options, 'strict');
    this.#encode = createEncoder(options, 'tyk');
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    if (!hasFields(this.#options)) return Delivery.each(batch, withoutFields);
    const now = this.#clock.now();
    const lines = this.#encode(batch, now);
    const outcome = await this.#client.send(
      { method: 'POST', path: this.#path, body: lines.body, headers: { 'content-type': plain } },
      signal,
    );
    if (!outcome.ok) return Delivery.whole(batch, retry(outcome.failure));
    const { answer } = outcome;
    if (answer.status === 400 && serverMessage(answer)?.includes('unable to parse') === true) {
      // Others than InfluxDB may depend on what Tyk Pump sends; this server would lose it.
      this.#encode = this.#encodeStrictly;
      if (!this.#encode(batch, now).body.equals(lines.body)) return Delivery.whole(batch, unread());
    }
    return judgeWrite(answer, batch, lines);
  }

  /** An empty write: the server looks for the user, his rights and the database, and stores nothing. */
  async check(signal: AbortSignal): Promise<Health> {
    const outcome = await this.#client.send(
      { method: 'POST', path: this.#path, body: Buffer.alloc(0) },
      signal,
    );
    if (!outcome.ok) return { state: 'down', reason: outcome.failure.message };
    const { status } = outcome.answer;
    if (status === 204 || status === 200) return { state: 'up' };
    const reason = describeWrite(outcome.answer, serverMessage(outcome.answer));
    return { state: status === 400 ? 'unknown' : 'down', reason };
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}

const plain = 'text/plain; charset=utf-8';

const unread = () =>
  retry({
    kind: 'unexpected',
    message: 'The server cannot read lines as Tyk Pump writes them; from now on they are strict.',
  });

const withoutFields = () =>
  reject({
    kind: 'invalid',
    message: 'The option `fields` names nothing that a point could hold.',
  });
