import type {
  Counter,
  CounterSeries,
  Direction,
  Gauge,
  HistogramSeries,
  Labels,
  Metrics,
} from '#source';

/** From half a millisecond, which a proxy beside its upstream takes, to the minute that a client waits. */
const buckets = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
];

/** Metrics of a relay: the same names for every source, and for both directions. */
export class Meter {
  readonly #labels: Labels;
  readonly #requests: Counter;
  readonly #seconds: HistogramSeries;
  readonly #upstreamSeconds: HistogramSeries;
  readonly #fromClient: CounterSeries;
  readonly #toClient: CounterSeries;
  readonly #refused: Counter;
  readonly #errors: Counter;
  readonly #retries: Counter;
  readonly #waits: Counter;
  readonly #connections: Gauge;
  /** By the first digit of the status. */
  readonly #byStatus: (CounterSeries | undefined)[] = [];
  #clients = 0;
  #upstreams = 0;

  constructor(metrics: Metrics, source: string, direction: Direction) {
    this.#labels = { source, direction };
    const labels = ['source', 'direction'];
    this.#requests = metrics.counter({
      name: 'sluice_capture_requests_total',
      help: 'Requests that have ended, by the class of the status that the client got; `none`: it got no answer.',
      labels: [...labels, 'status'],
    });
    this.#seconds = metrics
      .histogram({
        name: 'sluice_capture_request_seconds',
        help: 'From the head of a request to the last byte of its answer.',
        labels,
        buckets,
      })
      .of(this.#labels);
    this.#upstreamSeconds = metrics
      .histogram({
        name: 'sluice_capture_upstream_seconds',
        help: 'From the sending of a request to the head of the upstream’s answer, a new connection included.',
        labels,
        buckets,
      })
      .of(this.#labels);
    const bytes = metrics.counter({
      name: 'sluice_capture_body_bytes_total',
      help: 'Bytes of bodies that passed, by the way that they went: `from_client` or `to_client`.',
      labels: [...labels, 'way'],
    });
    this.#fromClient = bytes.of({ ...this.#labels, way: 'from_client' });
    this.#toClient = bytes.of({ ...this.#labels, way: 'to_client' });
    this.#refused = metrics.counter({
      name: 'sluice_capture_refused_total',
      help: 'Requests and connections that were refused before anybody was asked, by reason.',
      labels: [...labels, 'reason'],
    });
    this.#errors = metrics.counter({
      name: 'sluice_capture_errors_total',
      help: 'Calls that failed without the upstream saying so, by the kind of the error.',
      labels: [...labels, 'kind'],
    });
    this.#retries = metrics.counter({
      name: 'sluice_capture_retries_total',
      help: 'Requests that were sent again, because a kept connection had been closed by the upstream.',
      labels,
    });
    this.#waits = metrics.counter({
      name: 'sluice_capture_waits_total',
      help: 'Requests that had to wait, because their upstream has as many connections as it may have.',
      labels,
    });
    this.#connections = metrics.gauge({
      name: 'sluice_capture_connections',
      help: 'Open connections, by who is at the other end: `client` or `upstream`.',
      labels: [...labels, 'side'],
    });
  }

  /** `status` 0: no answer. Times in milliseconds; `upstream` undefined: it gave no answer. */
  ended(end: {
    readonly status: number;
    readonly total: number;
    readonly upstream: number | undefined;
    readonly fromClient: number;
    readonly toClient: number;
  }): void {
    this.#requestsOf(end.status).add(1);
    this.#seconds.observe(end.total / 1000);
    if (end.upstream !== undefined) this.#upstreamSeconds.observe(end.upstream / 1000);
    if (end.fromClient > 0) this.#fromClient.add(end.fromClient);
    if (end.toClient > 0) this.#toClient.add(end.toClient);
  }

  refused(reason: string): void {
    this.#refused.add(1, { ...this.#labels, reason });
  }

  failed(kind: string): void {
    this.#errors.add(1, { ...this.#labels, kind });
  }

  retried(): void {
    this.#retries.add(1, this.#labels);
  }

  waited(): void {
    this.#waits.add(1, this.#labels);
  }

  clients(change: number): void {
    this.#clients += change;
    this.#connections.set(this.#clients, { ...this.#labels, side: 'client' });
  }

  upstreams(change: number): void {
    this.#upstreams += change;
    this.#connections.set(this.#upstreams, { ...this.#labels, side: 'upstream' });
  }

  #requestsOf(status: number): CounterSeries {
    const first = Math.floor(status / 100);
    return (this.#byStatus[first] ??= this.#requests.of({
      ...this.#labels,
      status: first === 0 ? 'none' : `${first}xx`,
    }));
  }
}
