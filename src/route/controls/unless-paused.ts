import type { Clock } from '../../lib/clock.ts';
import { millis } from '../../lib/units.ts';
import { isAborted, later, onAbort } from '../../lib/waiting.ts';
import type { Source } from '../../purge/purge.ts';
import type { RouteSummary } from '../route.ts';
import type { RouteSignals } from '../signals.ts';
import type { RouteControl } from './controls.ts';

/** So long after a pause was noticed something may begin: to finish ranges, so that no record comes twice, or what was popped. */
const drainTime = millis(800);

export interface PausableParts {
  readonly control: RouteControl;
  /** Where that waits which is given back. */
  readonly mode: Source['mode'];
  /** Makes the route anew; called once per run. */
  readonly create: () => { run(signals: RouteSignals): Promise<RouteSummary> };
  /** Gives back what the route held; does not reject. */
  readonly giveBack: () => Promise<void>;
  readonly clock: Clock;
}

/**
 * Runs a route while it is not paused. A pause ends it as a stop does, in less time: ranges that were begun are finished for a
 * moment, attempts under way end, what is unanswered is given back, and the sink is closed, so that nothing at all goes to
 * it. Resuming makes the route anew. Killed at any moment: what was given back waits in Redis, what was not runs out.
 *
 * What was popped waits in this process alone, where a crash loses it: all that was read is sent for that moment.
 */
export async function runUnlessPaused(
  { control, mode, create, giveBack, clock }: PausableParts,
  { stop, abandon, shorten }: RouteSignals,
): Promise<RouteSummary> {
  for (;;) {
    // Made before it may run, so that it shows at once as one that does not.
    const route = create();
    await control.untilResumed(stop);
    if (isAborted(stop)) return { unsettled: 0 };
    const pausing = control.pausing;
    const halt = new AbortController();
    const over = new AbortController();
    const [ending, shortening] = [new AbortController(), new AbortController()];
    const forget = [
      onAbort(stop, () => ending.abort(stop.reason)),
      ...(shorten === undefined ? [] : [onAbort(shorten, () => shortening.abort(shorten.reason))]),
      onAbort(pausing, () => {
        if (mode === 'at-least-once') shortening.abort(pausing.reason);
        ending.abort(pausing.reason);
        later(clock, drainTime, () => halt.abort(pausing.reason), over.signal);
      }),
    ];
    try {
      const summary = await route.run({
        ...{ stop: ending.signal, abandon },
        ...{ halt: halt.signal, shorten: shortening.signal },
      });
      if (isAborted(stop) || !isAborted(pausing)) return summary;
      await giveBack();
    } finally {
      over.abort();
      for (const each of forget) each();
    }
  }
}
