import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Across, Counter, Labels, Metrics } from '../lib/metrics.ts';
import { type Millis, millis } from '../lib/units.ts';
import type { Health } from '../pump/sink.ts';
import type { Failure, FailureKind } from '../pump/verdict.ts';
import { undecodableRoute } from './dead-letter.ts';
import type { Stored } from './dead-letters.ts';
import { News } from './news.ts';
import type { BreakerState } from './pace-breaker.ts';
import { pauseWorthSaying } from './route-health.ts';

/** Between two `Purged …` lines, however many batches come between. */
const purgedEvery = 1000;
/** How long a delivery proves that the sink works. */
const provenFor = 10_000;

/** Becomes a metric label. */
type Outcome = 'delivered' | 'rejected' | 'filtered' | 'vanished';

/**
 * What a route says, in metrics and log lines: its parts report facts here, when they are true, and this is the one
 * place that decides how often a person hears of them.
 */
export class RouteEvents {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #metrics: RouteMetrics;
  readonly #news: News;
  #purged = 0;
  #purgedAt: Millis;
  #paused: number | undefined;
  #unstored: number | undefined;
  #unacknowledged: number | undefined;
  #suspects: number | undefined;
  #concurrency: number | undefined;
  #breaker: BreakerState | undefined;
  #down: { readonly since: Millis; readonly failure: Failure } | undefined;
  /** What the sink said of itself last, and since when it has said so. */
  #said: { readonly health: Health; readonly since: Millis } | undefined;
  #deliveredAt: Millis | undefined;

  constructor(parts: { route: string; log: Log; clock: Clock; metrics: Metrics }) {
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#metrics = new RouteMetrics(parts.route, parts.metrics);
    this.#news = new News(parts);
    this.#purgedAt = millis(parts.clock.elapsed() - purgedEvery);
    this.#metrics.up(false);
  }

  /** The outage under way; `since` on the wall clock. */
  get down(): { readonly since: Millis; readonly failure: Failure } | undefined {
    return this.#down;
  }

  /** Records were delivered a moment ago: no question could prove more. */
  get isProven(): boolean {
    const at = this.#deliveredAt;
    return at !== undefined && this.#clock.elapsed() - at < provenFor;
  }

  delivered(records: number): void {
    this.#metrics.records('delivered', records);
    this.#purged += records;
    if (records > 0) this.#deliveredAt = this.#clock.elapsed();
  }

  /** Retried dead letters: counted apart, since they were counted as rejected before. */
  redelivered(records: number): void {
    this.#metrics.redelivered(records);
    this.#purged += records;
  }

  filtered(records: number): void {
    this.#metrics.records('filtered', records);
  }

  vanished(records: number, list: string): void {
    this.#metrics.records('vanished', records);
    this.#log.error({ records, list }, 'Records are no longer in Redis and are lost.');
  }

  rejected(records: number, failure: Pick<Failure, 'message'> & { readonly kind: string }): void {
    this.#metrics.records('rejected', records);
    const { kind, message: reason } = failure;
    const message = 'Records were rejected and are now dead letters.';
    this.#news.tell(`reject ${kind}`, {
      level: 'error',
      message,
      reason,
      records,
      fields: { kind },
    });
  }

  /** Elements that are no record. Stored by one route, counted as rejected by each. */
  undecodable(records: number, reason: string, { stored, dropped }: Stored): void {
    if (stored + dropped === 0) {
      this.#metrics.records('rejected', records);
      return;
    }
    this.#metrics.undecodable(stored, dropped);
    this.rejected(records, { kind: 'undecodable', message: reason });
  }

  lettersStored({ stored, dropped }: Stored): void {
    this.#metrics.letters(stored, dropped);
    if (dropped > 0)
      this.#log.error({ records: dropped }, 'Dead letters were dropped to keep their bound.');
  }

  /** Redis does not take them; said of each list once a minute. */
  lettersRefused(records: number, { list, reason }: { list: string; reason: string }): void {
    this.#news.tell(`unstored ${list}`, {
      level: 'error',
      message: 'Dead letters cannot be stored; their records stay in Redis, unanswered.',
      reason,
      fields: { waiting: records, list },
    });
  }

  /** Ranges that are answered for in full and that Redis has not acknowledged. */
  unacknowledged(ranges: number): void {
    if (ranges !== this.#unacknowledged) this.#metrics.unacknowledged(ranges);
    this.#unacknowledged = ranges;
  }

  /** How many dead letters wait for that. */
  unstored(records: number): void {
    if (records !== this.#unstored) this.#metrics.unstored(records);
    this.#unstored = records;
  }

  retried(records: number, { kind, message: reason }: Failure): void {
    this.#metrics.retries(kind, records);
    const message = 'Delivery will be retried.';
    // Nobody understood this one: say it where a person sees it.
    if (kind === 'unexpected')
      this.#news.tell(kind, { level: 'warn', message, reason, records, fields: { kind } });
    else this.#log.debug({ records, kind, reason }, message);
  }

  /** The sink asked to be left alone for longer than the back-off. */
  pauseAsked(
    records: number,
    { asked, until, failure }: { asked: Millis; until: Millis; failure: Failure },
  ): void {
    const isLong = until - this.#clock.now() >= pauseWorthSaying;
    const reason = failure.message;
    const fields = {
      asked: `${Math.round(asked / 1000)}s`,
      until: new Date(until).toISOString(),
    };
    const message =
      'The sink asked for a pause; delivery waits until then, or until it takes other records.';
    if (isLong) this.#news.tell('pause', { level: 'warn', message, reason, records, fields });
    else this.#log.debug({ records, ...fields, reason }, message);
  }

  /** Records that wait for the end of such a pause. */
  paused(records: number): void {
    if (records !== this.#paused) this.#metrics.paused(records);
    this.#paused = records;
  }

  /** The sink does not take these although it takes others. */
  suspected(records: number, { kind, message: reason }: Failure): void {
    this.#news.tell(`suspected ${kind}`, {
      level: 'warn',
      message:
        'Records are refused again and again while the sink takes others; they will be sent alone.',
      reason,
      records,
      fields: { kind },
    });
  }

  /** How many of them there are. */
  suspects(records: number): void {
    if (records !== this.#suspects) this.#metrics.suspects(records);
    this.#suspects = records;
  }

  attempted(duration: Millis): void {
    this.#metrics.duration(duration / 1000);
  }

  late(): void {
    this.#metrics.late();
    this.#news.tell('late', {
      level: 'warn',
      message: 'The sink goes on after its deadline; its late answers are ignored.',
      reason: 'late',
    });
  }

  /** Not one of so many records was taken. */
  refusesAll(records: number, { kind, message: reason }: Failure): void {
    this.#news.tell('refuses all', {
      level: 'error',
      message:
        'The sink refuses every record; the others wait until it takes one (sluice.at_refusal).',
      reason,
      fields: { rejected: records, kind },
    });
  }

  /** The sink cannot be opened or fails every batch. Said once per outage. */
  outage(failure: Failure): void {
    const { kind, message: reason } = failure;
    if (this.#down === undefined)
      this.#log.warn({ kind, reason }, 'The sink is out of order; delivery waits for it.');
    this.#down = { since: this.#down?.since ?? this.#clock.now(), failure };
    this.#metrics.up(false);
  }

  /** The sink is gone for as long as this process lives. */
  ended(failure: Failure): void {
    const { kind, message: reason } = failure;
    this.#log.error(
      { kind, reason },
      'The sink is gone for good and the pump ends; its records wait for the next start.',
    );
    this.#down = { since: this.#clock.now(), failure };
    this.#metrics.up(false);
  }

  /** The sink could be opened, or has taken records again. */
  recovery(): void {
    if (this.#down !== undefined) this.#sayRecovery(this.#down.since);
    this.#down = undefined;
    if (this.#said?.health.state === 'down')
      this.#said = { health: { state: 'up' }, since: this.#clock.now() };
    this.#showHealth();
  }

  /** The sink was asked how it is. While deliveries fail, they have the last word. */
  checked(health: Health): void {
    const last = this.#said;
    const hasChanged = last?.health.state !== health.state;
    this.#said = { health, since: hasChanged ? this.#clock.now() : last.since };
    this.#showHealth();
    if (!hasChanged || this.#down !== undefined) return;
    if (health.state === 'down') {
      const { reason } = health;
      this.#log.warn({ reason }, 'The sink is not ready; its records are tried all the same.');
    } else if (last?.health.state === 'down') this.#sayRecovery(last.since);
    else if (health.state === 'up') this.#log.info({}, 'The sink is ready.');
    else {
      const { reason } = health;
      this.#log.info({ reason }, 'The sink cannot tell whether it is ready.');
    }
  }

  #sayRecovery(since: Millis): void {
    const seconds = Math.round((this.#clock.now() - since) / 1000);
    this.#log.info({ seconds }, 'The sink works again.');
  }

  #showHealth(): void {
    const state = this.#said?.health.state;
    this.#metrics.up(this.#down === undefined && (state === 'up' || state === 'unknown'));
  }

  holds(bytes: number, batches: number): void {
    this.#metrics.holds(bytes, batches);
  }

  /** The route's pace as it is now. */
  paced(concurrency: number, breaker: BreakerState): void {
    if (concurrency !== this.#concurrency) this.#metrics.concurrency(concurrency);
    if (breaker !== this.#breaker) this.#metrics.breaker(breaker);
    this.#concurrency = concurrency;
    this.#breaker = breaker;
  }

  /** A batch left without retries that were due: fresh records had the place. */
  retriesWaited(): void {
    this.#metrics.retriesWaited();
  }

  /** When a line is due that sums what has happened, if there is something to say. */
  get lineAt(): Millis | undefined {
    const purged = this.#purged === 0 ? undefined : millis(this.#purgedAt + purgedEvery);
    const news = this.#news.dueAt;
    if (purged === undefined || news === undefined) return purged ?? news;
    return millis(Math.min(purged, news));
  }

  sayDue(): void {
    this.#news.sayDue();
    if (this.#clock.elapsed() >= this.#purgedAt + purgedEvery) this.#sayPurged();
  }

  /** The route ends: what has not been said yet. */
  sayAll(): void {
    this.#news.sayAll();
    this.#sayPurged();
  }

  /** Operators of the reference search for this line (tyk-pump.md, "Log"), so the number is within it. */
  #sayPurged(): void {
    if (this.#purged === 0) return;
    this.#log.info({}, `Purged ${this.#purged} records...`);
    this.#purged = 0;
    this.#purgedAt = this.#clock.elapsed();
  }
}

/** Also of the main thread, for routes of workers. */
export const routeUpHelp =
  '1 while the sink is open and takes records, or said that it would, or cannot tell; else 0.';

const durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Every kind, so that a counter of each is there from the start. */
const failureKinds = Object.keys({
  unreachable: 0,
  timeout: 0,
  throttled: 0,
  unauthorised: 0,
  invalid: 0,
  oversize: 0,
  unexpected: 0,
} satisfies Record<FailureKind, 0>);

/**
 * Shows the counters of a route at 0 where nobody runs it yet: what is counted before a counter is first scraped is no
 * increase to Prometheus.
 */
export function showCounters(route: string, metrics: Metrics): void {
  new RouteMetrics(route, metrics);
}

const breakerNumbers = { closed: 0, 'half-open': 1, open: 2 } as const;

/** The metrics of one route. */
class RouteMetrics {
  readonly duration: (seconds: number) => void;
  readonly records: (outcome: Outcome, records: number) => void;
  readonly retries: (kind: string, records: number) => void;
  readonly letters: (stored: number, dropped: number) => void;
  readonly undecodable: (stored: number, dropped: number) => void;
  readonly redelivered: (records: number) => void;
  readonly late: () => void;
  readonly up: (isUp: boolean) => void;
  readonly holds: (bytes: number, batches: number) => void;
  readonly concurrency: (batches: number) => void;
  readonly breaker: (state: BreakerState) => void;
  readonly retriesWaited: () => void;
  readonly paused: (records: number) => void;
  readonly unstored: (records: number) => void;
  readonly unacknowledged: (ranges: number) => void;
  readonly suspects: (records: number) => void;

  constructor(route: string, metrics: Metrics) {
    const labels = { route };
    const counter = (name: string, help: string, ...more: readonly string[]): Counter =>
      metrics.counter({ name: `sluice_${name}`, help, labels: ['route', ...more] });
    const gauge = (name: string, help: string, across: Across = 'sum') =>
      metrics.gauge({ name: `sluice_${name}`, help, labels: ['route'], across });

    const records = counter('records_total', 'Records answered for, by outcome.', 'outcome');
    const byOutcome = {
      delivered: { route, outcome: 'delivered' },
      rejected: { route, outcome: 'rejected' },
      filtered: { route, outcome: 'filtered' },
      vanished: { route, outcome: 'vanished' },
    };
    this.records = (outcome, amount) => records.add(amount, byOutcome[outcome]);

    const duration = metrics.histogram({
      name: 'sluice_delivery_duration_seconds',
      help: 'How long the sink took to answer for a batch.',
      labels: ['route'],
      buckets: durations,
    });
    this.duration = (seconds) => duration.observe(seconds, labels);

    const retries = counter('retries_total', 'Records to be sent again, by reason.', 'kind');
    this.retries = (kind, amount) => retries.add(amount, { route, kind });

    const stored = counter('dead_letters_total', 'Dead letters stored.');
    const dropped = counter('dead_letters_dropped_total', 'Dead letters dropped at their bound.');
    const count = (by: Labels) => (more: number, gone: number) => {
      if (more > 0) stored.add(more, by);
      if (gone > 0) dropped.add(gone, by);
    };
    this.letters = count(labels);
    this.undecodable = count({ route: undecodableRoute });
    const redelivered = counter(
      'dead_letters_redelivered_total',
      'Dead letters delivered after all.',
    );
    this.redelivered = (amount) => redelivered.add(amount, labels);
    const late = counter(
      'late_answers_total',
      'Answers that came after the deadline and its grace.',
    );
    this.late = () => late.add(1, labels);

    const up = gauge('route_up', routeUpHelp, 'max');
    this.up = (isUp) => up.set(isUp ? 1 : 0, labels);
    const bytes = gauge(
      'in_flight_bytes',
      'Bytes read and not yet answered for, retries included; each record counts with 512 more.',
    );
    const batches = gauge('in_flight_batches', 'Batches the sink is asked about.');
    this.holds = (amount, count) => {
      bytes.set(amount, labels);
      batches.set(count, labels);
    };
    const paused = gauge('paused_records', 'Records that wait because the sink asked for a pause.');
    this.paused = (count) => paused.set(count, labels);
    const unstored = gauge('dead_letters_unstored', 'Dead letters that Redis refuses to store.');
    const unacknowledged = gauge(
      'unacknowledged_ranges',
      'Ranges answered for in full whose acknowledgement Redis has not taken.',
    );
    this.unacknowledged = (count) => unacknowledged.set(count, labels);
    this.unstored = (count) => unstored.set(count, labels);
    const suspects = gauge(
      'suspected_records',
      'Records that the sink refuses again and again while it takes others.',
    );
    this.suspects = (count) => suspects.set(count, labels);
    const concurrency = gauge('route_concurrency', 'Batches the sink may be asked about at once.');
    this.concurrency = (count) => concurrency.set(count, labels);
    const breaker = gauge('route_breaker_state', '0 closed, 1 half-open, 2 open.', 'max');
    this.breaker = (state) => breaker.set(breakerNumbers[state], labels);
    const waits = counter(
      'retry_budget_waits_total',
      'Times retries that were due stayed behind for fresh records.',
    );
    this.retriesWaited = () => waits.add(1, labels);

    for (const by of Object.values(byOutcome)) records.add(0, by);
    for (const kind of failureKinds) retries.add(0, { route, kind });
    for (const each of [stored, dropped]) {
      each.add(0, labels);
      each.add(0, { route: undecodableRoute });
    }
    for (const each of [redelivered, late, waits]) each.add(0, labels);
  }
}
