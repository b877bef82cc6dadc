/*
 * Everything that waits, waits by these: no other file listens to a signal (ESLint asks for it). They have in common that
 * a signal which has aborted already counts as one that aborts now, that a listener is gone when its wait has ended, so
 * that nothing adds up on a signal that lives as long as the process, and that work which is given up is still heard: its
 * late rejection is nobody's bug.
 */
import { setMaxListeners } from 'node:events';
import type { Millis } from './units.ts';

/** What is needed of a Clock, which itself stands on this file. */
interface Sleeper {
  sleep(duration: Millis, signal: AbortSignal): Promise<void>;
}

/** Calls `act` once: at the abort, or at once where it has been. What it returns calls that off. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) {
    act();
    return nothing;
  }
  const acts = ofSignal.get(signal) ?? new Acts(signal);
  // Of its own: the same may be asked for twice.
  const once = (): void => act();
  acts.add(once);
  return () => acts.delete(once);
}

/** `signal.aborted`, asked anew: the compiler takes a property it has seen false for false after an await, too. */
export const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/** Resolves at the abort. Where something else may end the wait, `unlessAborted` leaves no listener behind. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    onAbort(signal, () => resolve());
  });

/** The outcome of `work`; rejects with the signal's reason as soon as it aborts. */
export const untilAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => reject(reasonOf(signal)));
    settle(work, forget, { resolve, reject });
  });

/** The outcome of `work`, or `otherwise` as soon as the signal aborts. */
export const unlessAborted = <T, U>(
  work: Promise<T>,
  otherwise: U,
  signal: AbortSignal,
): Promise<T | U> =>
  new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => resolve(otherwise));
    settle(work, forget, { resolve, reject });
  });

/** Resolves once the time has passed or the signal aborts: for loops that look at the signal themselves. */
export async function pause(clock: Sleeper, time: Millis, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(time, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Calls `act` once the time has passed, unless the signal aborts before. */
export function later(clock: Sleeper, time: Millis, act: () => void, signal: AbortSignal): void {
  clock.sleep(time, signal).then(act, (error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** The outcome of `work`, or of `otherwise` once the time has passed. For work that obeys a signal there is `withDeadline`. */
export const inTime = <T, U>(
  work: Promise<T>,
  { clock, time }: { readonly clock: Sleeper; readonly time: Millis },
  otherwise: () => U,
): Promise<T | U> =>
  new Promise((resolve, reject) => {
    const done = new AbortController();
    later(clock, time, () => resolve(otherwise()), done.signal);
    settle(work, () => done.abort(), { resolve, reject });
  });

export interface Deadline {
  readonly clock: Sleeper;
  /** When the action's signal aborts. */
  readonly after: Millis;
  /** How much longer it may take to obey. Not given: whoever waits is told at once. */
  readonly grace?: Millis;
}

/**
 * Runs something that obeys a signal, and stops waiting for it even if it does not obey. The signal aborts at the
 * deadline or with `signal`; when the grace after that has passed too, rejects with the signal's reason.
 */
export async function withDeadline<T>(
  action: (signal: AbortSignal) => Promise<T>,
  { clock, after, grace }: Deadline,
  signal?: AbortSignal,
): Promise<T> {
  const acting = new AbortController();
  const done = new AbortController();
  const forget = signal && onAbort(signal, () => acting.abort(signal.reason));
  later(clock, after, () => acting.abort(tooLate(after)), done.signal);
  try {
    return await new Promise((resolve, reject) => {
      const giveUp = (): void => reject(reasonOf(acting.signal));
      // Before the action's own listeners: without a grace it has no word in this.
      onAbort(acting.signal, () => {
        if (grace === undefined) giveUp();
        else later(clock, grace, giveUp, done.signal);
      });
      action(acting.signal).then(resolve, reject);
    });
  } finally {
    forget?.();
    done.abort();
  }
}

/** A controller to whose signal any number of parts listens, one for each pump: more than ten Node takes for a leak. */
export function sharedAbort(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/**
 * What is to be done when a signal aborts, in the order in which it was asked for. However much that is, the signal has
 * one listener while there is something: Node's cost microseconds each, and every range that is read waits for a signal.
 */
class Acts {
  readonly #signal: AbortSignal;
  readonly #acts = new Set<() => void>();
  readonly #listener = (): void => this.#perform();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    ofSignal.set(signal, this);
  }

  add(act: () => void): void {
    if (this.#acts.size === 0)
      this.#signal.addEventListener('abort', this.#listener, { once: true });
    this.#acts.add(act);
  }

  delete(act: () => void): void {
    if (this.#acts.delete(act) && this.#acts.size === 0)
      this.#signal.removeEventListener('abort', this.#listener);
  }

  #perform(): void {
    for (const act of this.#acts) {
      this.#acts.delete(act);
      try {
        act();
      } catch (error) {
        // As of a listener of Node's: the others hear of the abort all the same, and the bug is nobody's to catch.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

const ofSignal = new WeakMap<AbortSignal, Acts>();

interface Waiter<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** Tells how the work ended, and lets go of what else was waited for, in one step. */
function settle<T>(work: Promise<T>, letGo: () => void, waiter: Waiter<T>): void {
  work.then(
    (value) => {
      letGo();
      waiter.resolve(value);
    },
    (error: unknown) => {
      letGo();
      waiter.reject(error);
    },
  );
}

const nothing = (): void => undefined;

/** As sinks and `fetch` know it: by its name it is taken for a timeout. */
const tooLate = (time: Millis): DOMException =>
  new DOMException(`no answer within ${time / 1000} s`, 'TimeoutError');

/** Whoever aborts may give any reason; what is thrown is an error. */
const reasonOf = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : new Error('aborted', { cause: reason });
