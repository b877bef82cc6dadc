import {
  type Batch,
  type Clock,
  Delivery,
  describeWrite,
  type Health,
  type HttpClient,
  judgeWrite,
  pointValues,
  reject,
  retry,
  type Sink,
  serverMessage,
  unknownNames,
} from '#pump';
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
  #encode: ReturnType<typeof createEncoder>;
  #hasUnknownFields: boolean;

  constructor({ client, options, clock }: SinkParts) {
    this.#client = client;
    this.#clock = clock;
    this.#options = options;
    this.#path = `/write?db=${encodeURIComponent(options.database_name)}&precision=ns`;
    this.#hasUnknownFields = unknownNames(options.fields, pointValues).length > 0;
    this.#encode = createEncoder(options, 'complete');
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    if (!hasFields(this.#options)) return Delivery.each(batch, withoutFields);
    const lines = this.#encode(batch, this.#clock.now());
    const outcome = await this.#client.send(
      { method: 'POST', path: this.#path, body: lines.body, headers: { 'content-type': plain } },
      signal,
    );
    if (!outcome.ok) return Delivery.whole(batch, retry(outcome.failure));
    if (this.#hasUnknownFields && outcome.answer.status === 400) {
      const message = serverMessage(outcome.answer) ?? '';
      if (message.includes('missing field value')) return this.#leaveOutUnknown(batch);
    }
    return judgeWrite(outcome.answer, batch, lines);
  }

  /** From now on lines have no fields whose names nobody knows. Others than InfluxDB may want them. */
  #leaveOutUnknown(batch: Batch): Delivery {
    this.#hasUnknownFields = false;
    this.#encode = createEncoder(this.#options, 'known');
    const message = 'The server refuses fields of unknown names; they are left out from now on.';
    return Delivery.whole(batch, retry({ kind: 'unexpected', message }));
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
    const reason = describeWrite(status, serverMessage(outcome.answer));
    return { state: status === 400 ? 'unknown' : 'down', reason };
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}

const plain = 'text/plain; charset=utf-8';

const withoutFields = () =>
  reject({
    kind: 'invalid',
    message: 'The option `fields` names nothing that a point could hold.',
  });
