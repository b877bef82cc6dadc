import { setTimeout as delay } from 'node:timers/promises';
import { type Millis, millis } from './units.ts';

/** Time and chance, injected so that tests can drive them. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. May step. */
  now(): Millis;
  /** Monotonic milliseconds from an arbitrary start. For durations. */
  elapsed(): Millis;
  /** Resolves after `duration`; rejects with the signal's reason when it aborts first. */
  sleep(duration: Millis, signal: AbortSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}

export const systemClock: Clock = {
  now: () => millis(Date.now()),
  elapsed: () => millis(performance.now()),
  async sleep(duration, signal) {
    signal.throwIfAborted();
    try {
      await delay(duration, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
  random: () => Math.random(),
};
