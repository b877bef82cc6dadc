import { memoryLog } from '../../test/services/memory-log.ts';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import { silentMetrics } from '../lib/metrics.ts';
import { mebibytes, millis, seconds } from '../lib/units.ts';
import { aborted } from '../lib/waiting.ts';
import type { Chunks, Lease, RouteLeases } from '../purge/lease/lease.ts';
import type { Source } from '../purge/purge.ts';
import { FakeLetters } from '../route/dead-letters/fake-letters.testing.ts';
import { FakeSink } from '../route/testing/fake-sink.testing.ts';
import { FakeSource } from '../route/testing/fake-source.testing.ts';
import { aList, someRecords } from '../route/testing/parts.testing.ts';
import { aCheckedPump } from './checked-pump.testing.ts';
import { Crew, type CrewParts } from './crew.ts';
import type { Assignment } from './workers/plan.ts';

/** A route, its sink, what it is lent, and what the crew does with its leases. */
export function aRoute(name: string) {
  const source = new FakeSource();
  const sink = new FakeSink();
  const list = aList(name);
  const held: Lease[] = [];
  const givenBack: Lease[] = [];
  const keeping: { signal: AbortSignal | undefined; isOver: boolean } = {
    signal: undefined,
    isOver: false,
  };
  const opened = { times: 0 };
  const leases: RouteLeases = {
    async take(most, signal) {
      const taken = givenBack.splice(0, most);
      if (taken.length === 0) taken.push(...(await source.take(most, signal)));
      held.push(...taken);
      return taken;
    },
    async settle(lease, tally) {
      await source.settle(lease, tally);
      held.splice(held.indexOf(lease), 1);
    },
    isHeld: (lease) => source.isHeld(lease),
    // What is given back is there for whoever takes it next.
    release(leases) {
      for (const lease of leases) givenBack.push(...held.splice(held.indexOf(lease), 1));
      return source.release(leases);
    },
    releaseAll: () => leases.release([...held]),
    async keep(signal) {
      keeping.signal = signal;
      await aborted(signal);
      // The last renewal is under way.
      await new Promise(setImmediate);
      keeping.isOver = true;
    },
  };
  const checked = aCheckedPump(name, {
    open: () => {
      opened.times += 1;
      return Promise.resolve(sink);
    },
  });
  const add = (records: number): string => source.add(someRecords(records), { list });
  const chunks: { read: Chunks['read'] } = { read: (range, signal) => source.read(range, signal) };
  return { name, source, chunks, add, sink, leases, keeping, opened, checked };
}
export type TestRoute = ReturnType<typeof aRoute>;

export const assigned = (route: string, changes: Partial<Assignment> = {}): Assignment => ({
  ...{ route, inFlight: 2, inFlightBytes: mebibytes(1), retriesLetters: true },
  ...changes,
});

/** A crew that runs those assigned to it, over a clock of the test's own. */
export function aCrew(
  routes: readonly TestRoute[],
  assignments: readonly Assignment[],
  { mode = 'at-least-once', ...changes }: Partial<CrewParts> & Partial<Pick<Source, 'mode'>> = {},
) {
  const clock = new FakeClock();
  const log = memoryLog();
  const letters = new FakeLetters();
  const stop = new AbortController();
  const abandon = new AbortController();
  const stopped: string[] = [];
  const routeOf = (name: string): TestRoute => {
    const route = routes.find((each) => each.name === name);
    if (route === undefined) throw new Error(`nobody asks for the leases of ${name}`);
    return route;
  };
  const crew = new Crew({
    config: {
      delivery: {
        ...{ lease: seconds(30), orphanAfter: seconds(3600), shutdownTimeout: seconds(25) },
        attemptTimeout: seconds(30),
        backoffBase: millis(100),
        backoffMax: seconds(30),
        longestPause: seconds(60),
        giveUpAttempts: 20,
        giveUpAge: seconds(900),
        atRefusal: 'wait',
        retryShare: 0.5,
      },
    },
    pumps: routes.map(({ checked }) => checked),
    assignments,
    source: {
      mode,
      leasesFor: (name) => routeOf(name).leases,
      forget: () => undefined,
      chunks: {
        read: (range, signal) => routeOf(range.list.key).chunks.read(range, signal),
      },
    },
    spill: undefined,
    letters,
    lists: [aList()],
    clock,
    log,
    metrics: silentMetrics,
    instruments: undefined,
    processId: 1,
    writeOutput: () => Promise.resolve(),
    logTaken: () => Promise.resolve(),
    mount: () => () => undefined,
    ...changes,
  });
  const running = crew.run({ stop: stop.signal, abandon: abandon.signal }, ({ entry }) =>
    stopped.push(entry.name),
  );
  return { crew, running, clock, log, letters, stop, abandon, stopped };
}
