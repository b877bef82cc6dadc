import { type Clock, millis } from '#pump';
import { codeOf } from './kafka-error.ts';

/** A broker that has just started, or is busy with the end of the last transaction, refuses for a moment. */
const busyCodes: ReadonlySet<string | undefined> = new Set([
  'CONCURRENT_TRANSACTIONS',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
]);

const repeats = 6;
/** Milliseconds; then twice as long each time. */
const firstPause = 20;

export interface Waiting {
  readonly clock: Clock;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/** Asks again while the broker says that it is busy; at most for about a second. */
export async function whileBusy<T>(ask: () => Promise<T>, { clock, signal }: Waiting): Promise<T> {
  for (let repeat = 0; ; repeat++) {
    try {
      return await ask();
    } catch (error) {
      if (repeat === repeats || !busyCodes.has(codeOf(error))) throw error;
    }
    await clock.sleep(millis(firstPause * 2 ** repeat), signal);
  }
}
