import type { MemoryLog } from '../../test/services/memory-log.ts';
import { FakeClock } from '../lib/fake-clock.ts';
import { type LogFields, silentLog } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import { bytes, mebibytes, millis, seconds } from '../lib/units.ts';
import type { PreparedPump } from '../pump/define-pump.ts';
import type { Limits } from '../pump/limits.ts';
import { FakeLetters } from './fake-letters.testing.ts';
import { FakeSink } from './fake-sink.testing.ts';
import { FakeSource } from './fake-source.testing.ts';
import { createRoute, type Route, type RouteParts } from './route.ts';
import { aList, aPumpEntry } from './testing.ts';

/** Everything a route needs, in memory; what a test wants to look at is beside it. */
export class RouteBench {
  readonly clock = new FakeClock();
  readonly source = new FakeSource();
  readonly letters = new FakeLetters();
  readonly metrics = new CountingMetrics();
  readonly stop = new AbortController();
  readonly abandon = new AbortController();
  readonly sink: FakeSink;
  readonly route: Route;

  constructor(
    sink: FakeSink = new FakeSink(),
    overrides: Partial<Omit<RouteParts, 'pump'>> & {
      readonly limits?: Partial<Limits>;
      readonly deliveryChanges?: Partial<RouteParts['delivery']>;
      readonly pump?: Partial<PreparedPump>;
    } = {},
  ) {
    this.sink = sink;
    const { limits, pump, deliveryChanges, ...parts } = overrides;
    const context = {
      route: 'TEST',
      log: silentLog,
      programLog: silentLog,
      logTaken: () => Promise.resolve(),
      clock: this.clock,
      processId: 1,
      writeOutput: () => Promise.resolve(),
      mount: () => () => undefined,
    };
    this.route = createRoute({
      entry: aPumpEntry(),
      pump: {
        limits: {
          records: 10,
          bytes: bytes(10_000),
          age: millis(1000),
          inFlight: 2,
          ...limits,
        },
        repeats: 'harmless',
        guarantee: 'effectively-once',
        workers: 'any',
        files: [],
        servedAt: [],
        open: () => Promise.resolve(sink),
        classify: () => undefined,
        ...pump,
      },
      context,
      leases: this.source,
      chunks: this.source,
      letters: this.letters,
      lists: [aList()],
      bounds: { inFlightBytes: mebibytes(32) },
      delivery: {
        attemptTimeout: seconds(30),
        backoffBase: millis(100),
        backoffMax: seconds(30),
        longestPause: seconds(60),
        giveUpAttempts: 20,
        giveUpAge: seconds(900),
        atRefusal: 'wait',
        retryShare: 0.5,
        ...deliveryChanges,
      },
      clock: this.clock,
      log: silentLog,
      metrics: this.metrics,
      ...parts,
    });
  }

  start(): ReturnType<Route['run']> {
    return this.route.run({ stop: this.stop.signal, abandon: this.abandon.signal });
  }

  records(outcome: string): number {
    return this.metrics.of('sluice_records_total', 'TEST', outcome);
  }
}

/** Stops, and lets time pass until the route has ended. */
export async function stopped(bench: RouteBench, running: ReturnType<RouteBench['start']>) {
  bench.stop.abort();
  await bench.clock.advance(10_000);
  return running;
}

/** The fields of each line that begins so. */
export const said = (log: MemoryLog, message: string): readonly LogFields[] =>
  log.lines.filter((line) => line.message.startsWith(message)).map(({ fields }) => fields);

/** Sums what counters were given, by name and label values. */
class CountingMetrics implements Metrics {
  readonly totals = new Map<string, number>();
  /** The last value of each gauge, by name and label values. */
  readonly gauges = new Map<string, number>();

  of(name: string, ...labels: readonly string[]): number {
    return this.totals.get([name, ...labels].join(' ')) ?? 0;
  }

  counter({ name }: { readonly name: string }) {
    return {
      add: (amount: number, labels: Readonly<Record<string, string>> = {}): void => {
        const key = [name, ...Object.values(labels)].join(' ');
        this.totals.set(key, (this.totals.get(key) ?? 0) + amount);
      },
    };
  }

  gauge({ name }: { readonly name: string }) {
    return {
      set: (value: number, labels: Readonly<Record<string, string>> = {}): void => {
        this.gauges.set([name, ...Object.values(labels)].join(' '), value);
      },
    };
  }

  histogram() {
    return { observe: () => undefined };
  }
}
