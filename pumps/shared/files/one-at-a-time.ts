import { unlessAborted } from '#pump';

/**
 * The file operations of one sink, one after the other. They cannot be called back, so one that was given up goes on, and what
 * comes next waits for it: a disk that does not answer takes one of the process's few threads, and not one for each attempt.
 */
export class OneAtATime {
  /** Never rejects. */
  #busy: Promise<unknown> | undefined;

  /** Does the work when its turn comes; `instead` where the signal aborts before it is done. */
  async run<T>(work: () => Promise<T>, instead: T, signal: AbortSignal): Promise<T> {
    await this.idle(signal);
    return signal.aborted ? instead : unlessAborted(this.#begin(work()), instead, signal);
  }

  /** The same for as long as it takes. */
  async runAll<T>(work: () => Promise<T>): Promise<T> {
    while (this.#busy !== undefined) await this.#busy;
    return this.#begin(work());
  }

  /** Resolves once nothing is under way, or the signal aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    while (this.#busy !== undefined && !signal.aborted)
      await unlessAborted(this.#busy, undefined, signal);
  }

  #begin<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    const busy = settled.finally(() => {
      if (this.#busy === busy) this.#busy = undefined;
    });
    this.#busy = busy;
    return work;
  }
}
