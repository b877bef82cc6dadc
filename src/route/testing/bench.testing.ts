import type { MemoryLog } from '../../../test/services/memory-log.ts';
import { Alike } from '../../edit/alike.ts';
import { Places } from '../../edit/enrich/places.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { type LogFields, silentLog } from '../../lib/log.ts';
import { CountingMetrics } from '../../lib/metrics.testing.ts';
import { bytes, mebibytes, millis, seconds } from '../../lib/units.ts';
import type { PreparedPump } from '../../pump/define-pump.ts';
import { plainDocument } from '../../pump/document.ts';
import type { Limits } from '../../pump/limits.ts';
import { FakeLetters } from '../dead-letters/fake-letters.testing.ts';
import { Route } from '../route.ts';
import type { RouteParts } from '../route-parts.ts';
import { FakeSink } from './fake-sink.testing.ts';
import { FakeSource } from './fake-source.testing.ts';
import { aList, aPumpEntry } from './parts.testing.ts';

/** Everything a route needs, in memory; what a test wants to look at is beside it. */
export class RouteBench {
  readonly clock = new FakeClock();
  readonly source = new FakeSource();
  readonly letters = new FakeLetters();
  readonly metrics = new CountingMetrics();
  readonly stop = new AbortController();
  readonly abandon = new AbortController();
  readonly shorten = new AbortController();
  readonly sink: FakeSink;
  readonly route: Route;

  constructor(
    sink: FakeSink = new FakeSink(),
    overrides: Partial<Omit<RouteParts, 'pump' | 'limits'>> & {
      readonly limits?: Partial<Limits>;
      readonly deliveryChanges?: Partial<RouteParts['delivery']>;
      readonly pump?: Partial<PreparedPump>;
    } = {},
  ) {
    this.sink = sink;
    const { limits, pump, deliveryChanges, ...parts } = overrides;
    const someLimits = {
      records: 10,
      bytes: bytes(10_000),
      age: millis(1000),
      inFlight: 2,
      ...limits,
    };
    const context = {
      route: 'TEST',
      log: silentLog,
      programLog: silentLog,
      logTaken: () => Promise.resolve(),
      clock: this.clock,
      metrics: this.metrics,
      documents: plainDocument,
      processId: 1,
      writeOutput: () => Promise.resolve(),
      mount: () => () => undefined,
    };
    this.route = new Route({
      entry: aPumpEntry(),
      pump: {
        records: 'analytics',
        limits: someLimits,
        repeats: 'harmless',
        guarantee: 'effectively-once',
        workers: 'any',
        mayKeepRecords: false,
        files: [],
        servedAt: [],
        document: undefined,
        open: () => Promise.resolve(sink),
        classify: () => undefined,
        ...pump,
      },
      context,
      leases: this.source,
      chunks: this.source,
      letters: this.letters,
      places: new Places({ clock: this.clock, log: silentLog }),
      alike: new Alike(),
      lists: [aList()],
      limits: someLimits,
      inFlightBytes: mebibytes(32),
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
    const [stop, abandon, shorten] = [this.stop.signal, this.abandon.signal, this.shorten.signal];
    return this.route.run({ stop, abandon, shorten });
  }

  /** As the metric says it. */
  get heldBytes(): number | undefined {
    return this.metrics.gauges.get('sluice_in_flight_bytes TEST');
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
