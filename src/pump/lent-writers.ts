import { ByteWriter } from '../lib/byte-writer.ts';

/**
 * Writers whose buffers are used again: a fresh one of some megabytes for each batch costs the system its pages and the
 * collector its work. There are as many as batches were under way at once, each as large as the largest it has held.
 */
export class LentWriters {
  readonly #free: ByteWriter[] = [];
  readonly #returned: (buffer: Buffer) => void;

  /** `returned` sees each buffer that is free to be written over: tests spoil it. */
  constructor(returned: (buffer: Buffer) => void = () => undefined) {
    this.#returned = returned;
  }

  /**
   * Lends an empty writer to work that settles only when nothing can be read from its buffer any more; a request of the
   * kit's HTTP client does (`HttpClient.send`). Work that throws does not give it back: nobody knows then who still reads, so it is left to
   * the collector.
   */
  async lend<T>(work: (out: ByteWriter) => Promise<T>): Promise<T> {
    const writer = this.#free.pop() ?? new ByteWriter();
    const result = await work(writer);
    this.#returned(writer.buffer);
    writer.clear();
    this.#free.push(writer);
    return result;
  }
}
