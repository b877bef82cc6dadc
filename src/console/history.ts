import type { Clock } from '../lib/clock.ts';
import { type Millis, seconds } from '../lib/units.ts';
import { pause } from '../lib/waiting.ts';

/** What is kept of a route at one moment; undefined: not known then. */
export interface RouteSample {
  /** Records a second. */
  readonly delivered: number | undefined;
  readonly rejected: number | undefined;
  readonly retried: number | undefined;
  readonly lagSeconds: number | undefined;
  readonly pending: number | undefined;
  /** Of delivered records. */
  readonly ageSeconds: number | undefined;
}

/** Of everything at one moment. */
export interface Sample {
  readonly routes: ReadonlyMap<string, RouteSample>;
  readonly waiting: number | undefined;
  readonly retainedBytes: number | undefined;
}

type Values = readonly (number | null)[];

export interface HistoryShown {
  /** When each sample was taken, oldest first, on the wall clock. */
  readonly times: readonly Millis[];
  readonly waiting: Values;
  readonly retainedBytes: Values;
  readonly routes: readonly ({ readonly route: string } & Readonly<
    Record<keyof RouteSample, Values>
  >)[];
}

export const sampleEvery = seconds(10);
/** What is kept, and how long sampling goes on after the last question. */
const span = seconds(3_600);
const places = span / sampleEvery;
/** More are left out: an hour of one is 9 KB. */
const mostRoutes = 500;

const routeKeys = [
  ...(['delivered', 'rejected', 'retried', 'lagSeconds', 'pending', 'ageSeconds'] as const),
] satisfies readonly (keyof RouteSample)[];

/**
 * The last hour in numbers, for whoever looks. It begins with the first question and goes on while somebody asks at least once an
 * hour; then it stops, and what it had is given back.
 */
export class History {
  readonly #clock: Clock;
  readonly #look: () => Promise<Sample>;
  readonly #stop: AbortSignal;
  #kept: Ring | undefined;
  #askedAt: Millis;

  /** `look` may reject: nothing is known of that moment then. */
  constructor(parts: {
    readonly clock: Clock;
    readonly look: () => Promise<Sample>;
    readonly stop: AbortSignal;
  }) {
    this.#clock = parts.clock;
    this.#look = parts.look;
    this.#stop = parts.stop;
    this.#askedAt = parts.clock.elapsed();
  }

  /** Samples after a time on the wall clock. Waits for the first one. */
  async ask(since: number): Promise<HistoryShown> {
    this.#askedAt = this.#clock.elapsed();
    if (this.#kept === undefined) {
      const ring = new Ring();
      this.#kept = ring;
      const first = this.#sample(ring);
      // Ends by itself, and never rejects.
      void first.then(() => this.#goOn(ring));
      await first;
    }
    return this.#kept.shown(since);
  }

  async #goOn(ring: Ring): Promise<void> {
    for (;;) {
      await pause(this.#clock, sampleEvery, this.#stop);
      if (this.#stop.aborted || this.#clock.elapsed() - this.#askedAt >= span) break;
      await this.#sample(ring);
    }
    this.#kept = undefined;
  }

  async #sample(ring: Ring): Promise<void> {
    const at = this.#clock.now();
    ring.add(
      at,
      await this.#look().catch(() => ({
        routes: new Map<string, RouteSample>(),
        waiting: undefined,
        retainedBytes: undefined,
      })),
    );
  }
}

/** Numbers of the last hour, each kind in a row of its own. */
class Ring {
  readonly #times: Millis[] = [];
  readonly #waiting = new Row();
  readonly #retained = new Row();
  readonly #routes = new Map<string, Readonly<Record<keyof RouteSample, Row>>>();
  #next = 0;

  add(at: Millis, { routes, waiting, retainedBytes }: Sample): void {
    const place = this.#next % places;
    this.#times[place] = at;
    this.#waiting.set(place, waiting);
    this.#retained.set(place, retainedBytes);
    for (const route of routes.keys())
      if (!this.#routes.has(route) && this.#routes.size < mostRoutes)
        this.#routes.set(route, rowsOfRoute());
    for (const [route, rows] of this.#routes) {
      const sample = routes.get(route);
      for (const key of routeKeys) rows[key].set(place, sample?.[key]);
      if (sample === undefined && routeKeys.every((key) => rows[key].isEmpty))
        this.#routes.delete(route);
    }
    this.#next += 1;
  }

  shown(since: number): HistoryShown {
    const count = Math.min(this.#next, places);
    const order = Array.from(
      { length: count },
      (_, at) => (this.#next - count + at) % places,
    ).filter((place) => Math.round((this.#times[place] ?? 0) / 1_000) * 1_000 > since);
    return {
      times: order.flatMap((place) => this.#times[place] ?? []),
      waiting: this.#waiting.shown(order),
      retainedBytes: this.#retained.shown(order),
      routes: [...this.#routes]
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(([route, rows]) => ({
          route,
          delivered: rows.delivered.shown(order),
          rejected: rows.rejected.shown(order),
          retried: rows.retried.shown(order),
          lagSeconds: rows.lagSeconds.shown(order),
          pending: rows.pending.shown(order),
          ageSeconds: rows.ageSeconds.shown(order),
        })),
    };
  }
}

const rowsOfRoute = (): Readonly<Record<keyof RouteSample, Row>> => ({
  delivered: new Row(),
  rejected: new Row(),
  retried: new Row(),
  lagSeconds: new Row(),
  pending: new Row(),
  ageSeconds: new Row(),
});

class Row {
  readonly #values = new Float32Array(places).fill(Number.NaN);

  set(place: number, value: number | undefined): void {
    this.#values[place] = value ?? Number.NaN;
  }

  get isEmpty(): boolean {
    return this.#values.every(Number.isNaN);
  }

  /** Four digits say all that a curve can show. */
  shown(order: readonly number[]): Values {
    return order.map((place) => {
      const value = this.#values[place] ?? Number.NaN;
      return Number.isNaN(value) ? null : Number(value.toPrecision(6));
    });
  }
}
