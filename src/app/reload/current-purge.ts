import { onAbort, sharedAbort } from '../../lib/waiting.ts';
import type { Chunks, RouteLeases } from '../../purge/lease/lease.ts';
import type { Purge, PurgeStatus } from '../../purge/purge.ts';

interface Succession<T> {
  readonly next: (earlier: T) => T;
  readonly done: () => void;
}

/**
 * The purge loop that is at work. At a reload another one takes its place, with other routes, lists or bounds: the round under way
 * ends, and the next one is the other loop's. What routes have leased and read is of both.
 */
export class CurrentPurge<T extends Purge = Purge> implements Purge {
  #purge: T;
  #turn = sharedAbort();
  #succession: Succession<T> | undefined;
  #isOver = false;

  constructor(first: T) {
    this.#purge = first;
  }

  get current(): T {
    return this.#purge;
  }

  get mode(): Purge['mode'] {
    return this.#purge.mode;
  }

  get chunks(): Chunks {
    return this.#purge.chunks;
  }

  leasesFor(route: string): RouteLeases {
    return this.#purge.leasesFor(route);
  }

  forget(route: string): void {
    this.#purge.forget(route);
  }

  async run(signal: AbortSignal): Promise<void> {
    const forget = onAbort(signal, () => this.#turn.abort(signal.reason));
    try {
      for (;;) {
        await this.#purge.run(this.#turn.signal);
        const succession = this.#succession;
        if (signal.aborted || succession === undefined) return;
        this.#succession = undefined;
        this.#turn = sharedAbort();
        this.#purge = succession.next(this.#purge);
        succession.done();
      }
    } finally {
      forget();
      this.#isOver = true;
      this.#succession?.done();
    }
  }

  /** Resolves once another loop is at work, or none is any more. One succession at a time. */
  succeed(next: (earlier: T) => T): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#succession = { next, done: resolve };
      this.#turn.abort(new Error('another loop takes over'));
    });
  }

  finish(): Promise<number> {
    return this.#purge.finish();
  }

  status(): PurgeStatus {
    return this.#purge.status();
  }
}
