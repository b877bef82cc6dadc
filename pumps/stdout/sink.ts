import {
  type Batch,
  ByteWriter,
  classify,
  Delivery,
  delivered,
  explain,
  type Health,
  type PumpContext,
  type Shape,
  type Sink,
  type Verdict,
} from '#pump';
import { encodeLine, shapeFor } from './encode.ts';
import { frameOf } from './frame.ts';
import { fieldNameOf, type Options } from './options.ts';

/** A JSON line for each record on standard output. A full pipe makes `deliver` wait. */
export class OutputSink implements Sink {
  readonly #fieldName: string;
  readonly #shape: Shape;
  readonly #context: PumpContext;
  readonly #lines = new ByteWriter(256 * 1024);

  constructor(options: Options, context: PumpContext) {
    this.#fieldName = fieldNameOf(options);
    this.#shape = shapeFor(options);
    this.#context = context;
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const frame = frameOf(this.#fieldName, this.#context.clock.now());
    const lines = this.#lines;
    lines.clear();
    for (const { record } of batch) encodeLine(record, { shape: this.#shape, frame, out: lines });
    return Delivery.whole(batch, await this.#write(lines.take(), signal));
  }

  async #write(bytes: Uint8Array, signal: AbortSignal): Promise<Verdict> {
    try {
      await this.#context.writeOutput(bytes, signal);
      return delivered();
    } catch (error) {
      return classify(error);
    }
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
