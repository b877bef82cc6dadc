/** More is not worth keeping for the next batch. */
const mostKept = 16 * 1024 ** 2;

/**
 * Buffers for one batch after the other: fresh memory costs more than what is written into it. Who gives one back must
 * be sure that nobody reads it any more, a socket included.
 */
export class Buffers {
  readonly #idle: Buffer[] = [];
  #kept = 0;

  /** One of at least that size, with anything in it. */
  take(size: number): Buffer {
    const at = this.#idle.findIndex(({ length }) => length >= size);
    const [found] = at === -1 ? [] : this.#idle.splice(at, 1);
    if (found === undefined) return Buffer.allocUnsafeSlow(roomFor(size));
    this.#kept -= found.length;
    return found;
  }

  give(buffer: Buffer): void {
    if (this.#kept + buffer.length > mostKept) return;
    this.#kept += buffer.length;
    this.#idle.push(buffer);
  }
}

/** Some more than was asked for: the next batch is never quite as large. */
const roomFor = (size: number): number => Math.ceil((size * 1.25) / 65_536) * 65_536;
