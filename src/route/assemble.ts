/** The parts of a route that runs, put together: who reads, who delivers, who answers, and how each hears of the others. */
import { LeakWatch } from '../edit/leak-watch.ts';
import type { Treatment } from '../edit/treatment.ts';
import type { Millis } from '../lib/units.ts';
import type { Sink } from '../pump/sink.ts';
import { Answers } from './answers.ts';
import { Courier, type CourierParts } from './courier.ts';
import { UnstoredLetters } from './dead-letters/unstored.ts';
import type { RouteEvents } from './events/route-events.ts';
import { bothOf, compileFilter } from './filter.ts';
import type { Holdings } from './holdings.ts';
import { detach } from './item.ts';
import { MaxAge } from './max-age.ts';
import { Brake } from './pace/brake.ts';
import { Pace } from './pace/pace.ts';
import { localGrants } from './pace/rate.ts';
import { Throttle } from './pace/throttle.ts';
import { Reader } from './reader.ts';
import { Redelivery } from './redelivery.ts';
import type { RouteParts } from './route-parts.ts';
import { StubbornRecords } from './stubborn-records.ts';
import type { BatchTracer } from './tracing/batch-tracer.ts';

/** What of a route outlives its sink. */
interface Standing {
  readonly parts: RouteParts;
  readonly holdings: Holdings;
  readonly events: RouteEvents;
  /** Undefined: no batch is followed. */
  readonly tracer: BatchTracer | undefined;
  /** For one attempt at most, and between attempts. */
  readonly timing: Pick<CourierParts, 'timeout' | 'backoff'> & { readonly timeout: Millis };
}

interface Assembly {
  readonly reader: Reader;
  readonly redelivery: Redelivery;
  readonly unstored: UnstoredLetters;
  readonly courier: Courier;
  /** Hears of the rate no longer. */
  readonly forget: () => void;
}

/** For this sink, which is open. `abandon`: answers are no longer stored. */
export function assemble(
  { parts, holdings, events, tracer, timing }: Standing,
  sink: Sink,
  { selects, weigh, edit, editIn, editAgain }: Treatment,
  abandon: AbortSignal,
): Assembly {
  const { entry, pump, limits, leases, chunks, letters, lists, delivery, clock, log, control } =
    parts;
  const route = entry.name;
  const { backoff, timeout } = timing;
  const unstored = new UnstoredLetters({
    route,
    leases,
    chunks,
    letters,
    holdings,
    events,
    treatment: { weigh, edit },
    clock,
    onChange: () => courier.notify(),
  });
  const answers: Answers = new Answers({
    route,
    holdings,
    letters,
    unstored,
    events,
    clock,
    log,
    abandon,
    onChange: () => courier.notify(),
    onFailure: (error) => courier.fail(error),
  });
  const maxAge = entry.maxAge === undefined ? undefined : new MaxAge(entry.maxAge, clock);
  const throttle = new Throttle({
    limits,
    grants: control?.grants ?? localGrants(clock),
    clock,
    onOpen: () => courier.notify(),
    onWait: () => events.rateWaited(),
  });
  const courier: Courier = new Courier({
    sink,
    limits,
    throttle,
    pace: new Pace({
      ceiling: limits.inFlight,
      concurrency: entry.limits.concurrency,
      backoff,
      clock,
    }),
    answers,
    holdings,
    stubborn: new StubbornRecords({
      attempts: delivery.giveUpAttempts,
      age: delivery.giveUpAge,
      clock,
      events,
    }),
    maxAge,
    brake: new Brake({ atRefusal: delivery.atRefusal, events }),
    tap: tapped(parts, editAgain),
    events,
    tracer: tracer,
    clock,
    backoff,
    timeout,
    longestPause: delivery.longestPause,
    retryShare: delivery.retryShare,
    detach: (item) => detach(item, editAgain),
    classify: (error) => pump.classify(error),
  });
  const filter = bothOf(compileFilter(entry.filters), selects);
  const shared = { answers, holdings, courier, edit, log };
  const hold = (): void => throttle.set(control?.now.rate ?? entry.limits.rate);
  hold();
  const leaks = LeakWatch.of(entry, events, clock);
  const mayReuse = !pump.mayKeepRecords;
  return {
    courier,
    unstored,
    forget: control?.now.onRate(hold) ?? (() => undefined),
    reader: new Reader({
      ...shared,
      leases,
      chunks,
      events,
      filter,
      maxAge,
      weigh,
      editIn,
      leaks,
      mayReuse,
      tracer: tracer,
      clock,
    }),
    redelivery: new Redelivery({ ...shared, clock, route, lists, letters }),
  };
}

function tapped(
  { tap, entry, pump }: RouteParts,
  editAgain: Treatment['editAgain'],
): CourierParts['tap'] {
  if (tap === undefined) return undefined;
  const { name, records, rules } = entry;
  return { point: tap, route: { name, records, rules, document: pump.document, editAgain } };
}
