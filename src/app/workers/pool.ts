import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Counter, Gauge, Metrics } from '../../lib/metrics.ts';
import { type Millis, millis } from '../../lib/units.ts';
import { patience } from '../../purge/bounds.ts';
import { giveBackAll } from '../../purge/give-back.ts';
import type { SourceList } from '../../purge/lease.ts';
import type { Relief } from '../../purge/relief.ts';
import { untilItSucceeds } from '../../purge/retrying.ts';
import type { PurgeNews } from '../../purge/stream-source.ts';
import type { RedisClient } from '../../redis/client.ts';
import type { RouteHealth } from '../../route/route-health.ts';
import { routeUpHelp, showCounters } from '../../route/route-metrics.ts';
import type { Snapshot } from '../../telemetry/metrics.ts';
import type { Duty, FromWorker } from './messages.ts';
import type { Plan } from './plan.ts';
import { Seat, type SeatSignals } from './seat.ts';

export interface PoolParts {
  readonly plan: Plan;
  readonly spawn: (duty: Duty) => Worker;
  /** Of the main thread: gives back what dead workers held. */
  readonly client: RedisClient;
  /** Name of the process in every consumer group. */
  readonly consumer: string;
  readonly lists: readonly SourceList[];
  readonly lease: Millis;
  /** Workers take over what gone instances left on disk: one after the other. */
  readonly isSpilling: boolean;
  readonly writeLog: (line: string) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const answerTime = millis(500);
/** A route answers for its sink within a moment (route/probe.ts); a thread may be busy besides. */
const healthTime = millis(2_000);
const startTime = millis(10_000);
/** What a dead worker had sent to Redis may be carried out after what it held was given back. */
const lookAgainAfter = millis(2000);
/** After time is up, for giving back what workers that had to be ended held. */
const lastTime = millis(700);

/** The workers, as the main thread sees them: one for each part of the plan. */
export class Pool implements Relief {
  readonly #parts: PoolParts;
  readonly #seats: readonly Seat[];
  readonly #up: Gauge;
  readonly #failures: Counter;
  readonly #over = new AbortController();
  #news: PurgeNews | undefined;
  #stocked: readonly string[] = [];
  #starting: Promise<void> = Promise.resolve();

  constructor(parts: PoolParts) {
    this.#parts = parts;
    const { metrics, plan } = parts;
    metrics
      .gauge({ name: 'sluice_workers', help: 'Worker threads there should be.' })
      .set(plan.workers.length);
    this.#up = metrics.gauge({ name: 'sluice_workers_up', help: 'Worker threads at work.' });
    this.#up.set(0);
    this.#failures = metrics.counter({
      name: 'sluice_worker_failures_total',
      help: 'Times a worker thread ended by itself.',
    });
    this.#failures.add(0);
    // What is shown of a route while no worker says anything of it.
    const routeUp = metrics.gauge({
      name: 'sluice_route_up',
      help: routeUpHelp,
      labels: ['route'],
      across: 'max',
    });
    for (const { route } of plan.workers.flat()) {
      routeUp.set(0, { route });
      // Also before a worker has said anything: what it counts first must be an increase.
      showCounters(route, metrics);
    }
    this.#seats = plan.workers.map((_, index) => this.#seat(index));
  }

  /** Whether workers run the route. */
  has(route: string): boolean {
    return this.#seats.some(({ routes }) => routes.includes(route));
  }

  announce(stocked: readonly SourceList[]): void {
    this.#stocked = stocked.map(({ key }) => key);
    for (const seat of this.#seats) seat.tell({ kind: 'announce', lists: this.#stocked });
  }

  /** Runs the workers until they are stopped. Resolves with the number of ranges left unanswered. */
  async run(news: PurgeNews, signals: SeatSignals): Promise<number> {
    this.#news = news;
    const { clock } = this.#parts;
    signals.late.addEventListener('abort', () => {
      clock.sleep(lastTime, this.#over.signal).then(
        () => this.#over.abort(new Error('time is up')),
        () => undefined,
      );
    });
    const unsettled = await Promise.all(this.#seats.map((seat) => seat.run(signals)));
    this.#over.abort(new Error('the workers have ended'));
    return unsettled.reduce((sum, ranges) => sum + ranges, 0);
  }

  /** Up if it is in any worker: the others' ranges are for that one. */
  async check(route: string): Promise<RouteHealth> {
    const deadline = AbortSignal.timeout(healthTime);
    const seats = this.#seats.filter(({ routes }) => routes.includes(route));
    const answers = await Promise.all(
      seats.map(async (seat): Promise<RouteHealth> => {
        if (seat.down !== undefined)
          return { state: 'down', reason: `worker ${seat.worker}: ${seat.down.reason}` };
        try {
          const answer = await seat.ask({ about: 'health', route }, deadline);
          if ('health' in answer) return answer.health;
        } catch {
          // Gone, or busy with something else.
        }
        return { state: 'down', reason: `worker ${seat.worker} does not answer` };
      }),
    );
    const best = (['up', 'unknown', 'down'] as const).flatMap((state) =>
      answers.filter((answer) => answer.state === state),
    );
    const problem = answers.find((answer) => answer.problem !== undefined)?.problem;
    return { ...(best[0] ?? { state: 'down', reason: 'no worker runs it' }), problem };
  }

  /** What is not as it should be for a route although it may be up. */
  problem(route: string): string | undefined {
    const seats = this.#seats.filter(({ routes }) => routes.includes(route));
    const down = seats.find((seat) => seat.down !== undefined);
    if (down !== undefined) return `worker ${down.worker} is down: ${down.down?.reason}`;
    return seats
      .flatMap(({ spill }) => spill)
      .find((each) => each.route === route && each.problem !== undefined)?.problem;
  }

  /** What every worker has counted and measures; of one that does not answer at once, as last heard. */
  async snapshots(): Promise<readonly Snapshot[]> {
    const deadline = AbortSignal.timeout(answerTime);
    await Promise.allSettled(this.#seats.map((seat) => seat.ask({ about: 'state' }, deadline)));
    return this.#seats.flatMap(({ counted }) => counted);
  }

  /** By what the workers have said last: they answer for themselves once a second. */
  relieve(route: string, list: string, upTo: string): ReturnType<Relief['relieve']> {
    if (!this.has(route)) return 'not-ours';
    let isUnderWay = false;
    for (const seat of this.#seats) {
      if (!seat.routes.includes(route)) continue;
      seat.tell({ kind: 'relieve', route, list, upTo });
      const { down, spill } = seat;
      // One that is about to come back must not cost records.
      const isExpected = down === undefined || this.#parts.clock.elapsed() - down.since < patience;
      const problem = spill.find((each) => each.route === route)?.problem;
      if (isExpected && problem === undefined) isUnderWay = true;
    }
    return isUnderWay ? 'under-way' : 'cannot';
  }

  hasBacklog(route: string): boolean {
    return this.#seats.some(({ spill }) =>
      spill.some((each) => each.route === route && each.records > 0),
    );
  }

  #seat(index: number): Seat {
    const { plan, consumer, spawn, clock, log } = this.#parts;
    const assignments = plan.workers[index] ?? [];
    const own = new Set(assignments.map(({ route }) => route));
    const all = [plan.main, ...plan.workers].flat().map(({ route }) => route);
    const seat: Seat = new Seat({
      duty: {
        worker: index + 1,
        assignments,
        others: [...new Set(all)].filter((route) => !own.has(route)),
        cacheBytes: plan.cacheBytes,
        spillBytes: plan.spillBytes,
      },
      consumer,
      spawn,
      turn: () => this.#turn(),
      onMessage: (message) => {
        if (message.kind === 'ready') seat.tell({ kind: 'announce', lists: this.#stocked });
        this.#hear(message);
      },
      onChange: () => this.#up.set(this.#seats.filter(({ down }) => down === undefined).length),
      onFailure: () => this.#failures.add(1),
      giveBack: (name, routes) => this.#giveBack(name, routes),
      clock,
      log,
    });
    return seat;
  }

  #hear(message: FromWorker): void {
    const news = this.#news;
    if (message.kind === 'log') this.#parts.writeLog(message.line);
    else if (message.kind === 'idle') news?.idle();
    else if (message.kind === 'groupMissing') news?.groupMissing();
    else if (message.kind === 'settled') {
      const list = this.#parts.lists.find(({ key }) => key === message.list);
      if (list !== undefined) news?.settled(list);
    }
  }

  /** One start after the other where they share what is on disk; a start that hangs is not waited for. */
  async #turn(): Promise<() => void> {
    if (!this.#parts.isSpilling) return () => undefined;
    const before = this.#starting;
    const started = new AbortController();
    this.#starting = before.then(() =>
      this.#parts.clock.sleep(startTime, started.signal).catch(() => undefined),
    );
    await before;
    return () => started.abort();
  }

  async #giveBack(consumer: string, routes: readonly string[]): Promise<void> {
    const { client, clock, lists, lease, log } = this.#parts;
    const give = () => giveBackAll(client, { lists, routes, consumer, lease });
    const signal = this.#over.signal;
    try {
      const ranges = await untilItSucceeds(give, { clock, log }, signal);
      if (ranges > 0) log.info({ ranges }, 'Gave back what a worker that ended had held.');
      this.#lookAgain(give);
    } catch {
      // Time is up; the leases run out by themselves.
    }
  }

  #lookAgain(give: () => Promise<number>): void {
    const { clock } = this.#parts;
    clock
      .sleep(lookAgainAfter, this.#over.signal)
      .then(give)
      .catch(() => undefined);
  }
}
