import {
  type Batch,
  ByteWriter,
  type Clock,
  Delivery,
  delivered,
  type Failure,
  type Health,
  reject,
  retry,
  type Shape,
  type Sink,
  type Verdict,
} from '#pump';
import type { Transport } from '../shared/transports/transport.ts';
import { frame } from './framing.ts';
import { createMessageWriter, type MessageWriter, type Sender } from './message.ts';
import type { Settings } from './settings.ts';

export interface SinkParts {
  readonly transport: Transport;
  readonly settings: Settings;
  readonly sender: Sender;
  readonly document: Shape;
  readonly clock: Clock;
}

/** Writes one message per record and hands them over. */
export class SyslogSink implements Sink {
  readonly #parts: SinkParts;
  readonly #writeMessage: MessageWriter;
  readonly #message = new ByteWriter(4_096);
  readonly #framed = new ByteWriter(4_096);

  constructor(parts: SinkParts) {
    this.#parts = parts;
    this.#writeMessage = createMessageWriter(parts.settings, parts.sender, parts.document);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const messages = this.#messagesOf(batch);
    const sent = messages.filter((message) => message !== undefined);
    const failures = sent.length === 0 ? [] : await this.#parts.transport.send(sent, signal);
    let next = 0;
    const verdicts = messages.map((message) =>
      message === undefined ? this.#tooLong : verdictOf(failures[next++]),
    );
    return Delivery.each(batch, (_, index) => verdicts[index] ?? this.#tooLong);
  }

  /** Undefined for one that is too long. */
  #messagesOf(batch: Batch): readonly (Buffer | undefined)[] {
    const { clock, settings } = this.#parts;
    const now = clock.now();
    return batch.entries.map(({ record }) => {
      this.#message.clear();
      this.#writeMessage(record, now, this.#message);
      if (this.#message.length > settings.mostBytes) return undefined;
      this.#framed.clear();
      frame(this.#message.view(), settings, this.#framed);
      // Escapes make it longer, and a datagram holds no more.
      if (settings.framing === 'datagram' && this.#framed.length > settings.mostBytes)
        return undefined;
      return Buffer.from(this.#framed.view());
    });
  }

  get #tooLong(): Verdict {
    const { mostBytes } = this.#parts.settings;
    const message = `The message is longer than ${mostBytes} bytes.`;
    return reject({ kind: 'oversize', message });
  }

  check(signal: AbortSignal): Promise<Health> {
    return this.#parts.transport.check(signal);
  }

  close(signal: AbortSignal): Promise<void> {
    return this.#parts.transport.close(signal);
  }
}

/** What no datagram can hold will never go. */
function verdictOf(failure: Failure | undefined): Verdict {
  if (failure === undefined) return delivered();
  return failure.kind === 'oversize' ? reject(failure) : retry(failure);
}
