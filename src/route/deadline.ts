import type { Clock } from '../lib/clock.ts';
import type { Millis } from '../lib/units.ts';

export interface Deadline {
  readonly clock: Clock;
  /** When the action's signal aborts. */
  readonly after: Millis;
  /** How much longer it may take to obey. */
  readonly grace: Millis;
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
  const aborting = new AbortController();
  const ending = new AbortController();
  const abort = (): void => aborting.abort(signal?.reason);
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const timer = (async () => {
    const abortedEarly = new Promise<void>((resolve) => {
      aborting.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    if (!aborting.signal.aborted)
      await Promise.race([clock.sleep(after, ending.signal), abortedEarly]);
    aborting.abort(new DOMException('The deadline has passed.', 'TimeoutError'));
    await clock.sleep(grace, ending.signal);
    throw aborting.signal.reason;
  })();
  try {
    return await Promise.race([action(aborting.signal), timer]);
  } finally {
    signal?.removeEventListener('abort', abort);
    ending.abort();
    // It rejects whenever the action was first; nobody needs to know.
    timer.catch(() => undefined);
  }
}

/** `signal.aborted`, asked anew: the compiler takes a property it has seen false for false after an await, too. */
export const isAborted = (signal: AbortSignal): boolean => signal.aborted;
