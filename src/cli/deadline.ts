import type { Clock } from '../lib/clock.ts';
import type { Millis } from '../lib/units.ts';

/** Does `work` until `limit` has passed or `signal` aborts; then rejects, even where `work` does not obey its signal. */
export async function within<T>(
  limit: Millis,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const late = clock.sleep(limit, either).then(() => {
    throw new Error(`no answer within ${limit / 1000} s`);
  });
  try {
    return await Promise.race([work(either), late]);
  } finally {
    ended.abort();
    // Ends with the abort just made; its reason is of no interest.
    await late.catch(() => undefined);
  }
}
