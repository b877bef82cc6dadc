import {
  type Batch,
  ByteWriter,
  type Clock,
  classify,
  Delivery,
  delivered,
  type Health,
  reject,
  retry,
  type Sink,
  type Verdict,
} from '#pump';
import type { Transport } from './client.ts';
import { frame } from './framing.ts';
import { createMessageWriter, type MessageWriter, type Sender } from './message.ts';
import type { Settings } from './settings.ts';

export interface SinkParts {
  readonly transport: Transport;
  readonly settings: Settings;
  readonly sender: Sender;
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
    this.#writeMessage = createMessageWriter(parts.settings, parts.sender);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const messages = this.#messagesOf(batch);
    const outcome = await this.#send(
      messages.filter((message) => message !== undefined),
      signal,
    );
    return Delivery.each(batch, (_, index) =>
      messages[index] === undefined ? this.#tooLong : outcome,
    );
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

  /** All or nothing: of a batch that broke off nobody can say which messages arrived. */
  async #send(messages: readonly Buffer[], signal: AbortSignal): Promise<Verdict> {
    if (messages.length === 0) return delivered();
    try {
      await this.#parts.transport.send(messages, signal);
      return delivered();
    } catch (error) {
      if (signal.aborted)
        return retry({ kind: 'timeout', message: 'The messages were not taken in time.' });
      return classify(error);
    }
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
