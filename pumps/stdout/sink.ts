import {
  type Batch,
  ByteWriter,
  type Delivery,
  explain,
  type Health,
  jsonWriter,
  type PumpContext,
  type RecordWriter,
  type Sink,
} from '#pump';
import { ClosedStream } from './closed.ts';
import { encodeLine } from './encode.ts';
import { frameOf } from './frame.ts';
import { fieldNameOf, type Options } from './options.ts';
import { inPortions } from './portions.ts';

/** A JSON line for each record on standard output. A full pipe makes `deliver` wait. */
export class OutputSink implements Sink {
  readonly #fieldName: string;
  readonly #write: RecordWriter;
  readonly #context: PumpContext;
  readonly #lines = new ByteWriter(256 * 1024);
  readonly #stream = new ClosedStream('standard output');
  #hasWritten = false;

  constructor(options: Options, context: PumpContext) {
    this.#fieldName = fieldNameOf(options);
    this.#write = jsonWriter(context.document);
    this.#context = context;
  }

  get gone(): AbortSignal {
    return this.#stream.gone;
  }

  deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const frame = frameOf(this.#fieldName, this.#context.clock.now());
    const write = this.#write;
    return inPortions(batch, async (records) => {
      const lines = this.#lines;
      lines.clear();
      for (const record of records) encodeLine(record, { write, frame, out: lines });
      await this.#stream.watch(this.#context.writeOutput(lines.take(), signal));
      this.#hasWritten = true;
    });
  }

  /**
   * Writing nothing fails where the stream is known to be closed or full. That a pipe has no reader the system tells only
   * to whoever writes something.
   */
  async check(signal: AbortSignal): Promise<Health> {
    try {
      await this.#context.writeOutput(new Uint8Array(), signal);
      return this.#hasWritten ? { state: 'up' } : unwritten;
    } catch (error) {
      return { state: 'down', reason: explain(error) };
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const unwritten: Health = {
  state: 'unknown',
  reason: 'whether anybody reads standard output shows with the first record',
};
