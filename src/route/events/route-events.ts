import type { Leaks } from '../../edit/leak-watch.ts';
import { leakKinds } from '../../edit/leaks.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Metrics } from '../../lib/metrics.ts';
import { type Millis, millis } from '../../lib/units.ts';
import type { Health } from '../../pump/sink.ts';
import type { Failure } from '../../pump/verdict.ts';
import type { Tally } from '../../purge/lease/lease.ts';
import type { Stored } from '../dead-letters/store.ts';
import type { Item } from '../item.ts';
import type { BreakerState } from '../pace/breaker.ts';
import { sampledAges } from './delivery-age.ts';
import { News } from './news.ts';
import { Mean, Rate } from './rate.ts';
import { pauseWorthSaying } from './route-health.ts';
import { RouteMetrics } from './route-metrics.ts';
import type { RouteReport } from './route-report.ts';
import { SinkState } from './sink-state.ts';

/** Between two `Purged …` lines, however many batches come between. */
const purgedEvery = 1000;
const wholeReasons: Readonly<Record<string, string>> = {
  base64: 'its base64 is broken',
  chunking: 'its chunks are broken',
  compression: 'its compression is broken or not known',
  size: 'it is larger than redact.decoded_bytes when decompressed',
  encoding: 'its encoding is not known',
  error: 'an error of ours',
};

/** How long a delivery proves that the sink works. */
const provenFor = 10_000;

/**
 * What a route says, in metrics and log lines: its parts report facts here, when they are true, and this is the one
 * place that decides how often a person hears of them.
 */
export class RouteEvents {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #metrics: RouteMetrics;
  readonly #news: News;
  readonly #sink: SinkState;
  #purged = 0;
  #purgedAt: Millis;
  #deliveredAt: Millis | undefined;
  #lastError: RouteReport['lastError'];
  readonly #rates: Readonly<Record<keyof RouteReport['rates'], Rate>>;
  readonly #ages: Mean;
  #hasWarned = false;

  constructor(parts: { route: string; log: Log; clock: Clock; metrics: Metrics }) {
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#metrics = new RouteMetrics(parts.route, parts.metrics);
    this.#news = new News(parts);
    this.#purgedAt = millis(parts.clock.elapsed() - purgedEvery);
    const rate = () => new Rate(parts.clock);
    this.#rates = { delivered: rate(), rejected: rate(), filtered: rate(), retried: rate() };
    this.#sink = new SinkState({ ...parts, up: this.#metrics.up });
    this.#ages = new Mean(parts.clock);
  }

  /** The outage under way; `since` on the wall clock. */
  get down(): { readonly since: Millis; readonly failure: Failure } | undefined {
    return this.#sink.down;
  }

  /** What is told of the route beside its own state. */
  get report(): Pick<RouteReport, 'sink' | 'rates' | 'lastError' | 'lastDelivery' | 'ageSeconds'> {
    const { delivered, rejected, filtered, retried } = this.#rates;
    const toWallClock = this.#clock.now() - this.#clock.elapsed();
    const at = this.#deliveredAt;
    return {
      sink: this.#sink.report,
      rates: {
        delivered: delivered.perSecond,
        rejected: rejected.perSecond,
        filtered: filtered.perSecond,
        retried: retried.perSecond,
      },
      lastError: this.#lastError,
      lastDelivery: at && millis(at + toWallClock),
      ageSeconds: this.#ages.mean,
    };
  }

  /** What the sink said of itself last, where that was not that it is up. */
  get doubt(): string | undefined {
    return this.#sink.doubt;
  }

  /** Records were delivered a moment ago: no question could prove more. */
  get isProven(): boolean {
    const at = this.#deliveredAt;
    return at !== undefined && this.#clock.elapsed() - at < provenFor;
  }

  delivered(records: number): void {
    this.#metrics.records('delivered', records);
    this.#rates.delivered.add(records);
    this.#purged += records;
    if (records > 0) this.#deliveredAt = this.#clock.elapsed();
  }

  /** How old those of a batch are that were delivered. */
  aged(items: readonly Item[]): void {
    for (const age of sampledAges(items, this.#clock.now())) {
      this.#metrics.recordAge(age);
      this.#ages.add(age);
    }
  }

  /** Retried dead letters: counted apart, since they were counted as rejected before. */
  redelivered(records: number): void {
    this.#metrics.redelivered(records);
    this.#rates.delivered.add(records);
    this.#purged += records;
  }

  /** A range was acknowledged: what never reached the sink is counted now, for one that is given back is read again. */
  settled({ filtered, stale = 0 }: Pick<Tally, 'filtered' | 'stale'>): void {
    this.#rates.filtered.add(filtered);
    if (filtered > stale) this.#metrics.records('filtered', filtered - stale);
    if (stale > 0) this.#metrics.records('stale', stale);
  }

  /** Older than `max_age` when they were to be sent: said at once, and counted when their range is settled. */
  stale(records: number): void {
    this.#news.tell('stale', {
      level: 'warn',
      message: 'Records were too old to be sent and are left out (max_age).',
      reason: 'older than max_age',
      records,
    });
  }

  /** Values were taken out of a record. */
  redacted(values: number): void {
    this.#metrics.redacted(values);
  }

  /** What cannot be looked through goes as a whole. */
  redactedWhole(reason: string): void {
    this.#metrics.redactedWhole();
    this.#news.tell(`redacted whole ${reason}`, {
      level: 'warn',
      message: 'Payloads that cannot be looked through were redacted as a whole.',
      reason: wholeReasons[reason] ?? reason,
      records: 1,
    });
  }

  /** Of so many records that were looked at, so many carry secrets to the sink. Said once. */
  leaking({ looked, carrying }: Leaks): void {
    this.#metrics.leaking(looked, carrying);
    const kinds = leakKinds.filter((kind) => carrying[kind] > 0);
    if (kinds.length === 0 || this.#hasWarned) return;
    this.#hasWarned = true;
    this.#log.warn(
      { looked, ...Object.fromEntries(kinds.map((kind) => [kind, carrying[kind]])) },
      'Recorded payloads carry secrets to this sink; "redact": ["secrets"] takes them out (docs/redaction.md).',
    );
  }

  vanished(records: number, list: string): void {
    this.#metrics.records('vanished', records);
    this.#log.error({ records, list }, 'Records are no longer in Redis and are lost.');
  }

  rejected(records: number, failure: Pick<Failure, 'message'> & { readonly kind: string }): void {
    this.#metrics.records('rejected', records);
    this.#rates.rejected.add(records);
    const { kind, message: reason } = failure;
    this.#failed(kind, reason);
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
    this.#metrics.unacknowledged(ranges);
  }

  /** How many dead letters wait for that. */
  unstored(records: number): void {
    this.#metrics.unstored(records);
  }

  retried(records: number, { kind, message: reason }: Failure): void {
    this.#metrics.retries(kind, records);
    this.#rates.retried.add(records);
    this.#failed(kind, reason);
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
    this.#metrics.paused(records);
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
    this.#metrics.suspects(records);
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

  /** The sink cannot be opened or fails every batch. */
  outage(failure: Failure): void {
    this.#failed(failure.kind, failure.message);
    this.#sink.outage(failure);
  }

  /** The sink is gone for as long as this process lives. */
  ended(failure: Failure): void {
    this.#failed(failure.kind, failure.message);
    this.#sink.ended(failure);
  }

  /** The sink could be opened, or has taken records again. */
  recovery(): void {
    this.#sink.recovery();
  }

  /** The sink was asked how it is. */
  checked(health: Health): void {
    this.#sink.checked(health);
  }

  #failed(kind: string, reason: string): void {
    this.#lastError = { at: this.#clock.now(), kind, reason };
  }

  holds(bytes: number, batches: number): void {
    this.#metrics.heldBytes(bytes);
    this.#metrics.batches(batches);
  }

  /** The route's pace as it is now. */
  paced(concurrency: number, breaker: BreakerState): void {
    this.#metrics.concurrency(concurrency);
    this.#metrics.breaker(breaker);
  }

  /** A batch left without retries that were due: fresh records had the place. */
  retriesWaited(): void {
    this.#metrics.retriesWaited();
  }

  /** A batch waits for the route's rate. */
  rateWaited(): void {
    this.#metrics.rateWaited();
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

  /** It has ended and holds nothing any more. */
  rests(): void {
    this.#metrics.up(false);
    this.holds(0, 0);
    this.paused(0);
    this.suspects(0);
    this.unstored(0);
    this.unacknowledged(0);
  }

  /** Operators of the reference search for this line (tyk-pump.md, "Log"), so the number is within it. */
  #sayPurged(): void {
    if (this.#purged === 0) return;
    this.#log.info({}, `Purged ${this.#purged} records...`);
    this.#purged = 0;
    this.#purgedAt = this.#clock.elapsed();
  }
}
