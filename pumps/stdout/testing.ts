import { untilAborted } from '#pump';

export type PipeState = 'open' | 'closed' | 'full';

/** For tests: a pipe whose reader may close it, or stop reading. */
export class FakePipe {
  readonly #taken: Uint8Array[] = [];
  #state: PipeState = 'open';

  become(state: PipeState): void {
    this.#state = state;
  }

  readonly write = async (bytes: Uint8Array, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (this.#state === 'closed') throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    if (this.#state === 'full') await untilAborted(new Promise(() => undefined), signal);
    this.#taken.push(Uint8Array.from(bytes));
  };

  lines(): readonly string[] {
    return Buffer.concat(this.#taken).toString('utf8').split('\n').slice(0, -1);
  }
}
