import {
  type AnalyticsRecord,
  type Batch,
  Delivery,
  delivered,
  type Health,
  type Log,
  type LogValue,
  type PumpContext,
  type Sink,
} from '#pump';
import { encodeJson, encodeText } from './encode.ts';
import { fieldNameOf, type Options } from './options.ts';

/** A line of the program's log for each record, in the log's own format. The log does not say what became of it. */
export class LogSink implements Sink {
  readonly #fieldName: string;
  readonly #log: Log;

  constructor(options: Options, context: PumpContext) {
    this.#fieldName = fieldNameOf(options);
    this.#log = context.programLog;
  }

  deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    return new Promise((resolve) => {
      signal.throwIfAborted();
      for (const { record } of batch) this.#log.info({ [this.#fieldName]: fieldOf(record) }, '');
      resolve(Delivery.whole(batch, delivered()));
    });
  }

  check(): Promise<Health> {
    return Promise.resolve({
      state: 'unknown',
      reason: 'the log does not say whether its lines were read',
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Encoded only when the log writes the line, and only in the log's format. */
const fieldOf = (record: AnalyticsRecord): LogValue => ({
  toLogText: () => encodeText(record),
  toLogJson: () => encodeJson(record),
});
