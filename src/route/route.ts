/**
 * A route: a configured use of a pump, with its own position in the manifests, its own retries and its own dead
 * letters. Nothing it does or fails to do is felt by its siblings.
 *
 * States, in this order:
 * - **opening**: what the rules of the route need is loaded, and the sink is being opened, again and again with back-off while its
 *   server is away. No range is leased.
 * - **running**: ranges are leased as the bound of bytes in flight allows, read, filtered, sampled, edited, batched, delivered;
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
import { openTreatment, type Treatment } from '../edit/treatment.ts';
import { explain } from '../lib/errors.ts';
import type { StopSignals } from '../lib/stop-signals.ts';
import { type Millis, millis } from '../lib/units.ts';
import { aborted, onAbort, unlessAborted, withDeadline } from '../lib/waiting.ts';
import type { Health, Sink } from '../pump/sink.ts';
import { assemble } from './assemble.ts';
import { obeyingGrace } from './attempts.ts';
import type { Courier } from './courier.ts';
import { RouteEvents } from './events/route-events.ts';
import { problemOf, type RouteHealth, withProblem } from './events/route-health.ts';
import type { RouteReport } from './events/route-report.ts';
import { Holdings } from './holdings.ts';
import { openSink } from './opening.ts';
import { Probe } from './probe.ts';
import type { RouteParts } from './route-parts.ts';
import type { RouteSignals } from './signals.ts';
import { BatchTracer } from './tracing/batch-tracer.ts';

export interface RouteSummary {
  /** Ranges given back or left to run out: the next start or another instance delivers them. */
  readonly unsettled: number;
}

const closingTime = millis(1000);

export class Route {
  readonly #parts: RouteParts;
  readonly #holdings: Holdings;
  readonly #events: RouteEvents;
  /** Undefined: no batch is followed. */
  readonly #tracer: BatchTracer | undefined;
  #state: 'opening' | 'running' | 'draining' | 'closing' | 'closed' = 'opening';
  #openingSince: Millis | undefined;
  #probe: Probe | undefined;
  #courier: Courier | undefined;

  constructor(parts: RouteParts) {
    const { entry, leases, inFlightBytes, clock, log, metrics, tracing } = parts;
    this.#parts = parts;
    this.#tracer =
      tracing === undefined || tracing.ratio <= 0
        ? undefined
        : new BatchTracer({ tracing, clock, route: entry.name, pump: entry.type });
    this.#events = new RouteEvents({ route: entry.name, log, clock, metrics });
    this.#holdings = new Holdings({
      leases,
      bound: inFlightBytes,
      clock,
      log,
      onSettling: (ranges) => this.#events.unacknowledged(ranges),
      onSettled: (tally) => this.#events.settled(tally),
      tracer: this.#tracer,
    });
  }

  /** How the sink is, as far as that is known within a moment; for /ready. Does not reject. */
  async check(): Promise<RouteHealth> {
    const health = await this.#checkSink();
    const waiting = this.#courier?.waiting;
    return withProblem(health, waiting && problemOf(waiting, this.#parts.clock.now()));
  }

  /** How it stands, as far as is known without asking anybody. */
  report(): RouteReport {
    const [courier, events, holdings] = [this.#courier, this.#events, this.#holdings];
    const { breaker, pace = 0, batches = 0, gathered = 0 } = courier?.standing ?? {};
    const waiting = courier && problemOf(courier.waiting, this.#parts.clock.now());
    const whyNot =
      events.down?.failure.message ??
      (this.#state === 'running' ? events.doubt : this.#whyNoSink());
    return {
      state: this.#state,
      reason: [whyNot, waiting].filter((each) => each !== undefined).join('; ') || undefined,
      breaker,
      pace,
      inFlight: { batches, gathered, bytes: holdings.heldBytes, ranges: holdings.openRanges },
      ...events.report,
    };
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

  /** Runs once. Rejects when one of our own promises was broken: start a new route then, nothing was lost. */
  async run({ stop, abandon, halt = never, shorten }: RouteSignals): Promise<RouteSummary> {
    this.#openingSince = this.#parts.clock.elapsed();
    // A file that it needs may lie on a disk that does not answer.
    const treatment = await unlessAborted(this.#openTreatment(), undefined, stop);
    const sink = treatment && (await this.#open(stop));
    if (treatment === undefined || sink === undefined) {
      this.#state = 'closed';
      return { unsettled: 0 };
    }
    const probe = this.#probeOf(sink);
    this.#probe = probe;
    const closing = new AbortController();
    const watching = probe.watch(closing.signal);
    this.#state = 'running';
    this.#events.recovery();
    const forget = [
      onAbort(stop, () => {
        this.#state = 'draining';
      }),
      onAbort(halt, () => {
        probe.end();
        closing.abort();
      }),
    ];
    try {
      const until = endingWith(sink.gone, { stop, abandon });
      await this.#deliver(sink, treatment, { ...until, halt, shorten });
    } finally {
      for (const each of forget) each();
      this.#state = 'closing';
      this.#probe = undefined;
      probe.end();
      closing.abort();
      await watching;
      await this.#close(sink);
      this.#events.sayAll();
      this.#events.rests();
      this.#state = 'closed';
    }
    if (sink.gone?.aborted === true && !stop.aborted) await this.#rest(sink.gone, stop);
    return { unsettled: this.#holdings.openRanges };
  }

  /** Nothing more can be delivered in this process: says so, and keeps out of the way of those who can. */
  async #rest({ reason }: AbortSignal, stop: AbortSignal): Promise<void> {
    this.#events.ended({ kind: 'unreachable', message: explain(reason) });
    await aborted(stop);
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

  #openTreatment(): Promise<Treatment> {
    const { entry, places, alike } = this.#parts;
    const { records, rules, name: route } = entry;
    const news = this.#events;
    return openTreatment({ route, records, rules, edits: entry, places, alike, news });
  }

  #open(stop: AbortSignal): Promise<Sink | undefined> {
    const { pump, context, clock } = this.#parts;
    const { backoff, timeout } = this.#timing;
    return openSink({ pump, context, clock, backoff, timeout, events: this.#events }, stop);
  }

  /** Runs the parts together; the first that fails ends the others. */
  async #deliver(
    sink: Sink,
    treatment: Treatment,
    { stop, abandon, halt, shorten }: RouteSignals,
  ): Promise<void> {
    const broken = new AbortController();
    const signals = {
      ...{ halt, shorten },
      stop: AbortSignal.any([stop, broken.signal]),
      abandon: AbortSignal.any([abandon, broken.signal]),
    };
    const { reader, redelivery, unstored, courier, forget } = assemble(
      {
        ...{ parts: this.#parts, holdings: this.#holdings, events: this.#events },
        ...{ tracer: this.#tracer, timing: this.#timing },
      },
      sink,
      treatment,
      signals.abandon,
    );
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
    forget();
    // Rejects with the first failure, if there was one: the others only followed.
    broken.signal.throwIfAborted();
  }

  get #timing() {
    const { entry, delivery } = this.#parts;
    return {
      timeout: entry.timeout ?? delivery.attemptTimeout,
      backoff: { base: delivery.backoffBase, max: delivery.backoffMax },
    };
  }

  /** Each step on its own: what fails in one must not keep the next from being tried. */
  async #close(sink: Sink): Promise<void> {
    await this.#within('Ending deliveries', async () => this.#courier?.ended());
    await this.#within('Acknowledging', () => this.#holdings.settled());
    await this.#within('Giving ranges back', () => this.#holdings.releaseRest());
    this.#tracer?.endAll();
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

const never = new AbortController().signal;

/** A sink that is gone for good ends the route at once. */
function endingWith(gone: AbortSignal | undefined, { stop, abandon }: StopSignals): StopSignals {
  if (gone === undefined) return { stop, abandon };
  return { stop: AbortSignal.any([stop, gone]), abandon: AbortSignal.any([abandon, gone]) };
}
