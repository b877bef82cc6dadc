import { type LeakKind, leakKinds } from '../../edit/leaks.ts';
import type { Across, Counter, Labels, Metrics } from '../../lib/metrics.ts';
import type { FailureKind } from '../../pump/verdict.ts';
import { undecodableRoute } from '../dead-letters/letter.ts';
import type { BreakerState } from '../pace/breaker.ts';

/** Becomes a metric label. */
type Outcome = 'delivered' | 'rejected' | 'filtered' | 'stale' | 'vanished';

const routeUpHelp =
  '1 while the sink is open and accepts records, or said that it would, or cannot tell; otherwise 0.';

const recordAgeHelp =
  'Time from a record’s own time, which its gateway wrote, to the sink’s answer that it has the record: for one delivered record in a thousand, and at least one of each batch.';

const durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** From a service that is always there to one that was down for a day. */
const ages = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];

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
 * Shows a route as not up, and its counters at 0, where nobody runs it yet: what is counted before a counter is first
 * scraped is no increase to Prometheus.
 */
export function showWaiting(route: string, metrics: Metrics): void {
  new RouteMetrics(route, metrics).up(false);
}

/** Tells what is measured only where it is another than last time: it is said each time the route looks around. */
function whereOther<Value>(set: (value: Value) => void): (value: Value) => void {
  let last: Value | undefined;
  return (value) => {
    if (value === last) return;
    last = value;
    set(value);
  };
}

const breakerNumbers = { closed: 0, 'half-open': 1, open: 2 } as const;

/** The metrics of one route. */
export class RouteMetrics {
  readonly duration: (seconds: number) => void;
  readonly recordAge: (seconds: number) => void;
  readonly records: (outcome: Outcome, records: number) => void;
  readonly retries: (kind: string, records: number) => void;
  readonly letters: (stored: number, dropped: number) => void;
  readonly undecodable: (stored: number, dropped: number) => void;
  readonly redelivered: (records: number) => void;
  readonly late: () => void;
  readonly up: (isUp: boolean) => void;
  readonly heldBytes: (bytes: number) => void;
  readonly batches: (count: number) => void;
  readonly concurrency: (batches: number) => void;
  readonly breaker: (state: BreakerState) => void;
  readonly retriesWaited: () => void;
  readonly rateWaited: () => void;
  readonly paused: (records: number) => void;
  readonly unstored: (records: number) => void;
  readonly unacknowledged: (ranges: number) => void;
  readonly suspects: (records: number) => void;
  readonly redacted: (values: number) => void;
  readonly redactedWhole: () => void;
  readonly leaking: (looked: number, carrying: Readonly<Record<LeakKind, number>>) => void;

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
      stale: { route, outcome: 'stale' },
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

    const age = metrics.histogram({
      name: 'sluice_record_age_at_delivery_seconds',
      help: recordAgeHelp,
      labels: ['route'],
      buckets: ages,
    });
    this.recordAge = (seconds) => age.observe(seconds, labels);

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
      'Answers that came after the deadline and its grace period.',
    );
    this.late = () => late.add(1, labels);

    const up = gauge('route_up', routeUpHelp, 'max');
    this.up = (isUp) => up.set(isUp ? 1 : 0, labels);
    const bytes = gauge(
      'in_flight_bytes',
      'Bytes read and not yet answered for, including retries, plus 512 for each record.',
    );
    const batches = gauge('in_flight_batches', 'Batches for which the sink has not answered yet.');
    this.heldBytes = whereOther((amount) => bytes.set(amount, labels));
    this.batches = whereOther((count) => batches.set(count, labels));
    const paused = gauge('paused_records', 'Records that wait because the sink asked for a pause.');
    this.paused = whereOther((count) => paused.set(count, labels));
    const unstored = gauge('dead_letters_unstored', 'Dead letters that Redis refuses to store.');
    const unacknowledged = gauge(
      'unacknowledged_ranges',
      'Ranges answered for in full whose acknowledgement Redis has not taken.',
    );
    this.unacknowledged = whereOther((count) => unacknowledged.set(count, labels));
    this.unstored = whereOther((count) => unstored.set(count, labels));
    const suspects = gauge(
      'suspected_records',
      'Records that the sink refuses again and again while it takes others.',
    );
    this.suspects = whereOther((count) => suspects.set(count, labels));
    const concurrency = gauge('route_concurrency', 'Batches that may be sent to the sink at once.');
    this.concurrency = whereOther((count) => concurrency.set(count, labels));
    const breaker = gauge('route_breaker_state', '0 closed, 1 half-open, 2 open.', 'max');
    this.breaker = whereOther((state) => breaker.set(breakerNumbers[state], labels));
    const waits = counter(
      'retry_budget_waits_total',
      'Times that due retries waited so that fresh records could go first.',
    );
    this.retriesWaited = () => waits.add(1, labels);

    const rateWaits = counter(
      'rate_waits_total',
      'Times batches waited for the rate of the route.',
    );
    this.rateWaited = () => rateWaits.add(1, labels);

    const redacted = counter('redacted_values_total', 'Values taken out of records by `redact`.');
    this.redacted = (values) => redacted.add(values, labels);
    const whole = counter(
      'redacted_whole_total',
      'Payloads that could not be inspected, and were redacted as a whole.',
    );
    this.redactedWhole = () => whole.add(1, labels);
    const looked = counter(
      'secrets_looked_for_total',
      'Records with payloads that were checked for secrets because `redact` is not set: a few of them every second.',
    );
    const carrying = counter(
      'secrets_found_total',
      'Records among those checked that carry secrets, by kind.',
      'kind',
    );
    this.leaking = (records, found) => {
      looked.add(records, labels);
      for (const kind of leakKinds) if (found[kind] > 0) carrying.add(found[kind], { route, kind });
    };

    for (const by of Object.values(byOutcome)) records.add(0, by);
    for (const kind of leakKinds) carrying.add(0, { route, kind });
    for (const each of [redacted, whole, looked]) each.add(0, labels);
    for (const kind of failureKinds) retries.add(0, { route, kind });
    for (const each of [stored, dropped]) {
      each.add(0, labels);
      each.add(0, { route: undecodableRoute });
    }
    for (const each of [redelivered, late, waits, rateWaits]) each.add(0, labels);
  }
}
