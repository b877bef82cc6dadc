/** What the workers say of themselves when they are asked, and what is taken for it where one does not answer. */
import type { Clock } from '../../lib/clock.ts';
import { millis } from '../../lib/units.ts';
import { withDeadline } from '../../lib/waiting.ts';
import type { RouteHealth } from '../../route/events/route-health.ts';
import type { Snapshot } from '../../telemetry/metrics.ts';
import type { NamedReport } from '../crew.ts';
import type { WorkerSlot } from './worker-slot.ts';

type Slots = readonly WorkerSlot[];

/** How a route stands in one thread: 0 is the main one. Either it answered, or there is a reason why not. */
export type ThreadReport = { readonly thread: number } & (
  | NamedReport
  | { readonly route: string; readonly problem: string }
);

/** A route answers for its sink within a moment (route/probe.ts); a thread may be busy besides. */
const healthTime = millis(2_000);
const answerTime = millis(500);

/** Up if it is in any worker: the others' ranges are for that one. */
export async function healthIn(slots: Slots, route: string, clock: Clock): Promise<RouteHealth> {
  const deadline = { clock, after: healthTime };
  const own = slots.filter(({ routes }) => routes.includes(route));
  const answers = await Promise.all(
    own.map(async (slot): Promise<RouteHealth> => {
      if (slot.down !== undefined)
        return { state: 'down', reason: `worker ${slot.worker}: ${slot.down.reason}` };
      try {
        const ask = (signal: AbortSignal) => slot.ask({ about: 'health', route }, signal);
        const answer = await withDeadline(ask, deadline);
        if ('health' in answer) return answer.health;
      } catch {
        // Gone, or busy with something else.
      }
      return { state: 'down', reason: `worker ${slot.worker} does not answer` };
    }),
  );
  const best = (['up', 'unknown', 'down'] as const).flatMap((state) =>
    answers.filter((answer) => answer.state === state),
  );
  const problem = answers.find((answer) => answer.problem !== undefined)?.problem;
  return { ...(best[0] ?? { state: 'down', reason: 'no worker runs it' }), problem };
}

/** How each route stands in each worker that runs it; where that does not answer, why. */
export async function reportsOf(slots: Slots, clock: Clock): Promise<readonly ThreadReport[]> {
  const deadline = { clock, after: answerTime };
  const answers = await Promise.all(
    slots.map(async (slot) => {
      const missing = (problem: string) =>
        slot.routes.map((route) => ({ thread: slot.worker, route, problem }));
      if (slot.down !== undefined) return missing(`the worker is down: ${slot.down.reason}`);
      try {
        const ask = (signal: AbortSignal) => slot.ask({ about: 'routes' }, signal);
        const answer = await withDeadline(ask, deadline);
        if ('routes' in answer)
          return answer.routes.map((each) => ({ thread: slot.worker, ...each }));
      } catch {
        // Gone, or busy with something else.
      }
      return missing('the worker does not answer');
    }),
  );
  return answers.flat();
}

/** What is not as it should be for a route although it may be up. */
export function problemIn(slots: Slots, route: string): string | undefined {
  const own = slots.filter(({ routes }) => routes.includes(route));
  const down = own.find((slot) => slot.down !== undefined);
  if (down !== undefined) return `worker ${down.worker} is down: ${down.down?.reason}`;
  return own
    .flatMap(({ spill }) => spill)
    .find((each) => each.route === route && each.problem !== undefined)?.problem;
}

/** What every worker has counted and measures; of one that does not answer at once, as last heard. */
export async function snapshotsOf(slots: Slots, clock: Clock): Promise<readonly Snapshot[]> {
  const deadline = { clock, after: answerTime };
  await Promise.allSettled(
    slots.map((slot) => withDeadline((signal) => slot.ask({ about: 'state' }, signal), deadline)),
  );
  return slots.flatMap(({ counted }) => counted);
}
