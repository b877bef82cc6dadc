import {
  type AnalyticsRecord,
  type Batch,
  type Delivery,
  type Health,
  jsonWriter,
  type LogValue,
  type PumpContext,
  type RecordWriter,
  type Sink,
} from '#pump';
import { ClosedStream } from './closed.ts';
import { encodeJson, encodeText } from './encode.ts';
import { fieldNameOf, type Options } from './options.ts';
import { inPortions } from './portions.ts';

/**
 * A line of the program's log for each record, in the log's own format. Waits where nobody takes the log's lines; whether
 * its level lets lines at info through, the log does not say.
 */
export class LogSink implements Sink {
  readonly #fieldName: string;
  readonly #write: RecordWriter;
  readonly #context: PumpContext;
  readonly #stream = new ClosedStream('standard error');

  constructor(options: Options, context: PumpContext) {
    this.#fieldName = fieldNameOf(options);
    this.#write = jsonWriter(context.document);
    this.#context = context;
  }

  get gone(): AbortSignal {
    return this.#stream.gone;
  }

  deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const context = this.#context;
    return inPortions(batch, async (records) => {
      // Lines that find a full log are dropped: a record's must find it empty.
      await context.logTaken(signal);
      for (const record of records)
        context.programLog.info({ [this.#fieldName]: fieldOf(record, this.#write) }, '');
      await this.#stream.watch(context.logTaken(signal));
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
const fieldOf = (record: AnalyticsRecord, write: RecordWriter): LogValue => ({
  toLogText: () => encodeText(record),
  toLogJson: () => encodeJson(write, record),
});
