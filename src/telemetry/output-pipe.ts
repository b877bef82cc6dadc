import type { Clock } from '../lib/clock.ts';
import type { Millis } from '../lib/units.ts';
import { untilAborted } from '../lib/waiting.ts';
import type { Put } from './log-outlet.ts';

/** A write that waits longer has no reader, as far as readiness is concerned. */
const unreadAfter = 5000;

/**
 * Standard output, for the pump that writes records there. One write at a time: one that was given up still waits for
 * the pipe's reader, and until it is taken nothing is added to it.
 */
export class OutputPipe {
  readonly #put: Put;
  readonly #clock: Pick<Clock, 'elapsed'>;
  #underWay: { readonly since: Millis; readonly taken: Promise<void> } | undefined;
  #closed: Error | undefined;

  constructor(put: Put, clock: Pick<Clock, 'elapsed'>) {
    this.#put = put;
    this.#clock = clock;
  }

  /** Resolves once the bytes are taken. No bytes: tells whether somebody reads. */
  readonly write = async (bytes: Uint8Array, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (bytes.length === 0) {
      this.#look();
      return;
    }
    // What became of it, those have heard who wrote it.
    while (this.#underWay !== undefined)
      await untilAborted(
        this.#underWay.taken.catch(() => undefined),
        signal,
      );
    signal.throwIfAborted();
    await untilAborted(this.#begin(bytes), signal);
  };

  #look(): void {
    if (this.#closed !== undefined) throw this.#closed;
    const waits = this.#clock.elapsed() - (this.#underWay?.since ?? this.#clock.elapsed());
    if (waits > unreadAfter)
      throw new Error(`nobody has read standard output for ${Math.round(waits / 1000)} s`);
  }

  #begin(bytes: Uint8Array): Promise<void> {
    const taken = new Promise<void>((resolve, reject) => {
      this.#put(bytes, (error) => {
        this.#underWay = undefined;
        this.#closed = error ?? undefined;
        if (error) reject(error);
        else resolve();
      });
    });
    // Who gave it up does not hear how it ended.
    taken.catch(() => undefined);
    this.#underWay = { since: this.#clock.elapsed(), taken };
    return taken;
  }
}
