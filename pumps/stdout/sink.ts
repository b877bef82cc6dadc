import {
  type Batch,
  ByteWriter,
  type Delivery,
  explain,
  type Health,
  type PumpContext,
  type Shape,
  type Sink,
} from '#pump';
import { ClosedStream } from './closed.ts';
import { encodeLine, shapeFor } from './encode.ts';
import { frameOf } from './frame.ts';
import { fieldNameOf, type Options } from './options.ts';
import { inPortions } from './portions.ts';

/** A JSON line for each record on standard output. A full pipe makes `deliver` wait. */
export class OutputSink implements Sink {
  readonly #fieldName: string;
  readonly #shape: Shape;
  readonly #context: PumpContext;
  readonly #lines = new ByteWriter(256 * 1024);
  readonly #stream = new ClosedStream('standard output');

  constructor(options: Options, context: PumpContext) {
    this.#fieldName = fieldNameOf(options);
    this.#shape = shapeFor(options);
    this.#context = context;
  }

  get gone(): AbortSignal {
    return this.#stream.gone;
  }

  deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const frame = frameOf(this.#fieldName, this.#context.clock.now());
    const shape = this.#shape;
    return inPortions(batch, (records) => {
      const lines = this.#lines;
      lines.clear();
      for (const record of records) encodeLine(record, { shape, frame, out: lines });
      return this.#stream.watch(this.#context.writeOutput(lines.take(), signal));
    });
  }

  /** Cheap, and true: writing nothing fails where the stream is closed. */
  async check(signal: AbortSignal): Promise<Health> {
    try {
      await this.#context.writeOutput(new Uint8Array(), signal);
      return { state: 'up' };
    } catch (error) {
      return { state: 'down', reason: explain(error) };
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
