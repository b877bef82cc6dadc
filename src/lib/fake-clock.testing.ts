import type { Clock } from './clock.ts';
import { type Millis, millis } from './units.ts';
import { onAbort } from './waiting.ts';

interface Sleeper {
  readonly at: number;
  wake(): void;
}

/** A clock that only a test moves. Wall and monotonic time run together; `random` answers what `chance` says. */
export class FakeClock implements Clock {
  /** What `random` returns; 1 − ε by default, so that full jitter gives the whole ceiling. */
  chance: () => number = () => 1 - Number.EPSILON;
  #time: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(start = 1_700_000_000_000) {
    this.#time = start;
  }

  now(): Millis {
    return millis(this.#time);
  }

  elapsed(): Millis {
    return millis(this.#time);
  }

  random(): number {
    return this.chance();
  }

  async sleep(duration: Millis, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const callOff = this.after(duration, () => {
        forget();
        resolve();
      });
      const forget = onAbort(signal, () => {
        callOff();
        reject(signal.reason instanceof Error ? signal.reason : new Error('Aborted.'));
      });
    });
  }

  after(duration: Millis, act: () => void): () => void {
    const sleeper: Sleeper = {
      at: this.#time + duration,
      wake: () => {
        this.#sleepers.delete(sleeper);
        act();
      },
    };
    this.#sleepers.add(sleeper);
    return () => this.#sleepers.delete(sleeper);
  }

  /** Moves time on, waking sleepers in their order and letting what they wake run before the next. */
  async advance(duration: number): Promise<void> {
    const end = this.#time + duration;
    await settled();
    for (;;) {
      const next = [...this.#sleepers].sort((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#time = Math.max(this.#time, next.at);
      next.wake();
      await settled();
    }
    this.#time = end;
    await settled();
  }
}

/** Lets everything that can run without time passing run: microtasks, then one turn of the event loop. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++)
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
}
