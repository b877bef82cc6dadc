import { type Millis, millis } from './units.ts';
import { onAbort } from './waiting.ts';

/** Time and chance, injected so that tests can drive them. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. May step. */
  now(): Millis;
  /** Monotonic milliseconds from an arbitrary start. For durations. */
  elapsed(): Millis;
  /** Resolves after `duration`; rejects with the signal's reason when it aborts first. */
  sleep(duration: Millis, signal: AbortSignal): Promise<void>;
  /** Calls `act` after `duration`. What it returns calls that off: without a signal, for what happens at every range. */
  after(duration: Millis, act: () => void): () => void;
  /** Uniform in [0, 1). */
  random(): number;
}

/** Node rings a timer of more than about 24 days at once. */
const longestTimer = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => millis(Date.now()),
  elapsed: () => millis(performance.now()),
  // Not timers/promises, which makes an error of its own, with a stack, each time a sleeper is woken early.
  sleep(duration, signal) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const callOff = after(duration, () => {
        forget();
        resolve();
      });
      const forget = onAbort(signal, () => {
        callOff();
        reject(signal.reason as Error);
      });
    });
  },
  after,
  random: () => Math.random(),
};

function after(duration: Millis, act: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    timer =
      left > longestTimer
        ? setTimeout(() => wait(left - longestTimer), longestTimer)
        : setTimeout(act, left);
  };
  wait(duration);
  return () => clearTimeout(timer);
}
