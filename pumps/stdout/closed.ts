const closedCodes: readonly unknown[] = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

/** Watches writes to a standard stream: a reader that has closed it never comes back. */
export class ClosedStream {
  readonly #name: string;
  readonly #gone = new AbortController();

  constructor(name: string) {
    this.#name = name;
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  async watch(write: Promise<void>): Promise<void> {
    try {
      await write;
    } catch (error) {
      if (error instanceof Error && 'code' in error && closedCodes.includes(error.code))
        this.#gone.abort(new Error(`${this.#name} was closed`, { cause: error }));
      throw error;
    }
  }
}
