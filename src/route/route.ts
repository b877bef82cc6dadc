/**
 * A route: a configured use of a pump, with its own position in the manifests, its own retries and its own dead
 * letters. Nothing it does or fails to do is felt by its siblings.
 *
 * States, in this order:
 * - **opening**: the sink is being opened, again and again with back-off while its server is away. No range is leased.
 * - **running**: ranges are leased as the bound of bytes in flight allows, read, filtered, edited, batched, delivered;
 *   a range is settled when its last record is answered. A sink out of order is a condition of this state.
 * - **draining**: `stop` was seen. No new leases; what was read goes on to the sink while that works (courier.ts).
 * - **closing**: everything was answered, the sink is out of order or gone for good, `abandon` was seen, or a promise of ours
 *   was broken. Acknowledgements under way end, unanswered ranges are given back, the sink is closed, each with a deadline:
 *   at most six seconds after `abandon` the route is done.
 * - **closed**: `run` has ended, or the sink is gone for good and `run` waits for `stop`.
 *
 * A kill -9 at any point leaves every unanswered record in its leased range, which another instance takes over when
 * the lease has run out; what was delivered and not yet settled is delivered again under the same record ids.
 */
import type { BoundsConfig, DeliveryConfig, PumpEntry } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import { type Millis, millis } from '../lib/units.ts';
import type { PreparedPump, ServiceContext } from '../pump/define-pump.ts';
import type { Health, Sink } from '../pump/sink.ts';
import type { FailureKind } from '../pump/verdict.ts';
import type { Chunks } from '../purge/chunks.ts';
import type { Leases, SourceList } from '../purge/lease.ts';
import { compileEdits } from '../record/edit.ts';
import { Answers } from './answers.ts';
import { Brake } from './brake.ts';
import { Courier, type StopSignals } from './courier.ts';
import type { DeadLetters } from './dead-letters.ts';
import { withDeadline } from './deadline.ts';
import { detach } from './detach.ts';
import { effectiveLimits } from './effective-limits.ts';
import { compileFilter } from './filter.ts';
import { obeyingGrace } from './flights.ts';
import { Ledger } from './ledger.ts';
import { openSink } from './opening.ts';
import { SinkPace } from './pace.ts';
import { Probe } from './probe.ts';
import { Reader } from './reader.ts';
import { Redelivery } from './redelivery.ts';
import { RouteEvents } from './route-events.ts';
import { problemOf, type RouteHealth, withProblem } from './route-health.ts';
import { StubbornRecords } from './stubborn-records.ts';
import { UnstoredLetters } from './unstored-letters.ts';

export interface RouteParts {
  readonly entry: PumpEntry;
  readonly pump: PreparedPump;
  readonly context: ServiceContext;
  /** This route's own. */
  readonly leases: Leases;
  /** Shared by all routes of the process. */
  readonly chunks: Chunks;
  readonly letters: DeadLetters;
  readonly lists: readonly SourceList[];
  readonly bounds: Pick<BoundsConfig, 'inFlightBytes'>;
  readonly delivery: Pick<
    DeliveryConfig,
    | 'attemptTimeout'
    | 'backoffBase'
    | 'backoffMax'
    | 'longestPause'
    | 'giveUpAttempts'
    | 'giveUpAge'
    | 'atRefusal'
    | 'retryShare'
  >;
  readonly clock: Clock;
  /** With the pump's log prefix among its fields (tyk-pump.md, "Log"). */
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface RouteStatus {
  readonly route: string;
  readonly state: 'opening' | 'running' | 'draining' | 'closing' | 'closed';
  /** Set while the sink cannot be opened or fails every batch; `since` on the wall clock. */
  readonly down:
    | { readonly since: Millis; readonly kind: FailureKind; readonly reason: string }
    | undefined;
  readonly inFlightBytes: number;
  readonly batchesUnderWay: number;
  /** Records to be sent again. */
  readonly waitingRecords: number;
  /** Ranges leased and not yet settled. */
  readonly openRanges: number;
}

export interface RouteSummary {
  /** Ranges given back or left to run out: the next start or another instance delivers them. */
  readonly unsettled: number;
}

export interface Route {
  readonly name: string;
  /** Runs once. Rejects when one of our own promises was broken: start a new route then, nothing was lost. */
  run(signals: StopSignals): Promise<RouteSummary>;
  status(): RouteStatus;
  /** How the sink is, as far as that is known within a moment; for /ready. Does not reject. */
  check(): Promise<RouteHealth>;
}

const closingTime = millis(1000);

export const createRoute = (parts: RouteParts): Route => new RunningRoute(parts);

class RunningRoute implements Route {
  readonly name: string;
  readonly #parts: RouteParts;
  readonly #ledger: Ledger;
  readonly #events: RouteEvents;
  #state: RouteStatus['state'] = 'opening';
  #openingSince: Millis | undefined;
  #probe: Probe | undefined;
  #courier: Courier | undefined;

  constructor(parts: RouteParts) {
    const { entry, leases, bounds, clock, log, metrics } = parts;
    this.name = entry.name;
    this.#parts = parts;
    this.#events = new RouteEvents({ route: entry.name, log, clock, metrics });
    this.#ledger = new Ledger({
      leases,
      bound: bounds.inFlightBytes,
      clock,
      log,
      onSettling: (ranges) => this.#events.unacknowledged(ranges),
    });
  }

  status(): RouteStatus {
    const { down } = this.#events;
    return {
      route: this.name,
      state: this.#state,
      down: down && {
        since: down.since,
        kind: down.failure.kind,
        reason: down.failure.message,
      },
      inFlightBytes: this.#ledger.heldBytes,
      batchesUnderWay: this.#courier?.batchesUnderWay ?? 0,
      waitingRecords: this.#courier?.waitingRecords ?? 0,
      openRanges: this.#ledger.openRanges,
    };
  }

  async check(): Promise<RouteHealth> {
    const health = await this.#checkSink();
    const waiting = this.#courier?.waiting;
    return withProblem(health, waiting && problemOf(waiting, this.#parts.clock.now()));
  }

  #checkSink(): Promise<Health> {
    const { down } = this.#events;
    if (down !== undefined) return Promise.resolve({ state: 'down', reason: down.failure.message });
    return this.#probe?.ask() ?? Promise.resolve({ state: 'down', reason: this.#whyNoSink() });
  }

  #whyNoSink(): string {
    if (this.#state !== 'opening' || this.#openingSince === undefined)
      return `the sink is ${this.#state}`;
    const seconds = Math.round((this.#parts.clock.elapsed() - this.#openingSince) / 1000);
    return `the sink is being opened and has not answered for ${seconds} s`;
  }

  async run({ stop, abandon }: StopSignals): Promise<RouteSummary> {
    this.#openingSince = this.#parts.clock.elapsed();
    const sink = await this.#open(stop);
    if (sink === undefined) {
      this.#state = 'closed';
      return { unsettled: 0 };
    }
    const probe = this.#probeOf(sink);
    this.#probe = probe;
    const closing = new AbortController();
    const watching = probe.watch(closing.signal);
    this.#state = 'running';
    this.#events.recovery();
    const draining = (): void => {
      this.#state = 'draining';
    };
    if (stop.aborted) draining();
    stop.addEventListener('abort', draining, { once: true });
    try {
      await this.#deliver(sink, endingWith(sink.gone, { stop, abandon }));
    } finally {
      stop.removeEventListener('abort', draining);
      this.#state = 'closing';
      this.#probe = undefined;
      probe.end();
      closing.abort();
      await watching;
      await this.#close(sink);
      this.#events.sayAll();
      this.#state = 'closed';
    }
    if (sink.gone?.aborted === true && !stop.aborted) await this.#rest(sink.gone, stop);
    return { unsettled: this.#ledger.openRanges };
  }

  /** Nothing more can be delivered in this process: says so, and keeps out of the way of those who can. */
  async #rest({ reason }: AbortSignal, stop: AbortSignal): Promise<void> {
    this.#events.ended({ kind: 'unreachable', message: explain(reason) });
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** What was delivered a moment ago is the best proof, unless nobody ever answers. */
  #probeOf(sink: Sink): Probe {
    const { clock, pump } = this.#parts;
    const events = this.#events;
    const isProven = (): boolean => pump.guarantee !== 'best-effort' && events.isProven;
    return new Probe({
      clock,
      async check(signal) {
        if (isProven()) return { state: 'up' };
        const health = await sink.check(signal);
        return health.state === 'down' && isProven() ? { state: 'up' } : health;
      },
      onAnswer: (health) => events.checked(health),
    });
  }

  #open(stop: AbortSignal): Promise<Sink | undefined> {
    const { pump, context, clock } = this.#parts;
    const { backoff, timeout } = this.#patience;
    return openSink({ pump, context, clock, backoff, timeout, events: this.#events }, stop);
  }

  /** Runs the parts together; the first that fails ends the others. */
  async #deliver(sink: Sink, { stop, abandon }: StopSignals): Promise<void> {
    const broken = new AbortController();
    const signals = {
      stop: AbortSignal.any([stop, broken.signal]),
      abandon: AbortSignal.any([abandon, broken.signal]),
    };
    const { reader, redelivery, unstored, courier } = this.#assemble(sink, signals.abandon);
    this.#courier = courier;
    const over = new AbortController();
    const running = [
      reader.run(signals.stop),
      redelivery.run(AbortSignal.any([signals.stop, over.signal])),
      unstored.run(AbortSignal.any([signals.abandon, over.signal])),
      courier.run(signals).finally(() => over.abort()),
    ].map((part) =>
      part.catch((error: unknown) => {
        broken.abort(error);
        throw error;
      }),
    );
    await Promise.allSettled(running);
    // Rejects with the first failure, if there was one: the others only followed.
    broken.signal.throwIfAborted();
  }

  #assemble(
    sink: Sink,
    abandon: AbortSignal,
  ): { reader: Reader; redelivery: Redelivery; unstored: UnstoredLetters; courier: Courier } {
    const { entry, pump, leases, chunks, letters, lists, delivery, clock, log } = this.#parts;
    const edit = compileEdits(entry);
    const [ledger, events, route] = [this.#ledger, this.#events, this.name];
    const limits = effectiveLimits(pump.limits, entry.limits);
    const { backoff, timeout } = this.#patience;
    const unstored = new UnstoredLetters({ route, leases, chunks, letters, ledger, events, clock });
    const answers: Answers = new Answers({
      route,
      ledger,
      letters,
      unstored,
      events,
      clock,
      log,
      abandon,
      onChange: () => courier.notify(),
      onFailure: (error) => courier.fail(error),
    });
    const courier: Courier = new Courier({
      sink,
      limits,
      pace: new SinkPace({
        ceiling: limits.inFlight,
        concurrency: entry.limits.concurrency,
        backoff,
        clock,
      }),
      answers,
      ledger,
      stubborn: new StubbornRecords({
        attempts: delivery.giveUpAttempts,
        age: delivery.giveUpAge,
        clock,
        events,
      }),
      brake: new Brake({ atRefusal: delivery.atRefusal, events }),
      events,
      clock,
      backoff,
      timeout,
      longestPause: delivery.longestPause,
      retryShare: delivery.retryShare,
      detach: (item) => detach(item, edit),
      classify: (error) => pump.classify(error),
    });
    const filter = compileFilter(entry.filters);
    const shared = { answers, ledger, courier, edit, clock, log };
    return {
      courier,
      unstored,
      reader: new Reader({ ...shared, leases, chunks, events, filter }),
      redelivery: new Redelivery({ ...shared, route, lists, letters }),
    };
  }

  get #patience() {
    const { entry, delivery } = this.#parts;
    return {
      timeout: entry.timeout ?? delivery.attemptTimeout,
      backoff: { base: delivery.backoffBase, max: delivery.backoffMax },
    };
  }

  /** Each step on its own: what fails in one must not keep the next from being tried. */
  async #close(sink: Sink): Promise<void> {
    await this.#within('Ending deliveries', async () => this.#courier?.ended());
    await this.#within('Acknowledging', () => this.#ledger.settled());
    await this.#within('Giving ranges back', () => this.#ledger.releaseRest());
    await this.#within('Closing the sink', (signal) => sink.close(signal));
  }

  async #within(step: string, action: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const { clock, log } = this.#parts;
    try {
      await withDeadline(action, { clock, after: closingTime, grace: millis(obeyingGrace / 4) });
    } catch (error) {
      log.warn({ step, error: explain(error) }, 'A step of closing a route failed.');
    }
  }
}

/** A sink that is gone for good ends the route at once. */
function endingWith(gone: AbortSignal | undefined, { stop, abandon }: StopSignals): StopSignals {
  if (gone === undefined) return { stop, abandon };
  return { stop: AbortSignal.any([stop, gone]), abandon: AbortSignal.any([abandon, gone]) };
}
