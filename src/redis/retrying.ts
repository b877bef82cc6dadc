import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { millis } from '../lib/units.ts';

const firstWait = 100;
const longestWait = 2000;
/** A refusal is said at the first failure and then about once a minute, with the number of times until then. */
const sayEvery = 30;

/**
 * Repeats a Redis action until it succeeds or the signal aborts (then rejects with its reason). The connection
 * reports outages; only what Redis itself refuses is logged here.
 */
export async function untilItSucceeds<T>(
  action: () => Promise<T>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    signal.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      if (isRefusal(error) && failures % sayEvery === 0)
        log.error(
          { error: explain(error), times: failures + 1 },
          'Redis refuses a command; it will be repeated.',
        );
      const wait = Math.min(firstWait * 2 ** failures, longestWait);
      await clock.sleep(millis(wait * (0.5 + clock.random() / 2)), signal);
    }
  }
}

/** An answer of Redis, as opposed to no answer. LOADING and the like pass by themselves. */
export function isRefusal(error: unknown): error is Error {
  return (
    error instanceof Error &&
    error.name === 'ReplyError' &&
    !/^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|READONLY|NOREPLICAS)/.test(error.message)
  );
}
