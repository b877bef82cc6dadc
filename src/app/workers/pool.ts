import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { ProcessInstruments } from '../../lib/instruments.ts';
import type { Log } from '../../lib/log.ts';
import type { Counter, Gauge, Metrics } from '../../lib/metrics.ts';
import { type Millis, millis } from '../../lib/units.ts';
import {
  aborted,
  isAborted,
  later,
  onAbort,
  pause,
  untilAborted,
  withDeadline,
} from '../../lib/waiting.ts';
import { stalledAfter } from '../../purge/bounds/bounds.ts';
import type { Relief } from '../../purge/bounds/relief.ts';
import type { SourceList } from '../../purge/lease/lease.ts';
import type { PurgeNews } from '../../purge/lease/stream-source.ts';
import { untilItSucceeds } from '../../redis/retrying.ts';
import type { RouteHealth } from '../../route/events/route-health.ts';
import { showWaiting } from '../../route/events/route-metrics.ts';
import type { Tapped, TapWish } from '../../route/tap/tapped.ts';
import type { Measured } from '../../telemetry/instruments/thread-instruments.ts';
import type { LogLevel } from '../../telemetry/log.ts';
import type { Snapshot } from '../../telemetry/metrics.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { UnknownField } from '../unknown-fields.ts';
import type { ConfigTexts } from './config-texts.ts';
import type { FromWorker, Question, WorkerTask } from './messages.ts';
import type { Plan } from './plan.ts';
import {
  healthIn,
  problemIn,
  reportsOf,
  snapshotsOf,
  type ThreadReport,
} from './worker-reports.ts';
import { type WorkerSignals, WorkerSlot, type WorkerSlotParts } from './worker-slot.ts';

export interface PoolParts {
  readonly plan: Plan;
  readonly spawn: (task: WorkerTask) => Worker;
  /** Gives back what a dead worker held. Resolves with the number of ranges; rejects while Redis is away or refuses. */
  readonly giveBack: (consumer: string, routes: readonly string[]) => Promise<number>;
  /** Name of the process in every consumer group. */
  readonly consumer: string;
  readonly lists: readonly SourceList[];
  /** Workers take over what gone instances left on disk: one after the other. */
  readonly isSpilling: boolean;
  readonly writeLog: (line: string) => void;
  /** Hears what workers say and do; undefined: nobody wants to know. */
  readonly telemetry?: Pick<Telemetry, 'hear' | 'tracing'> | undefined;
  /** Hears of fields that are not known, from each thread once. */
  readonly onUnknown: (field: UnknownField) => void;
  /** Hears of records that somebody wants to see. */
  readonly onTapped: (tapped: Tapped) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Undefined: nobody wants to know how long things take. */
  readonly instruments: ProcessInstruments | undefined;
}

const startTime = millis(10_000);
/** For a command of a reload that has to wait for nothing. */
const commandTime = millis(10_000);
/** What a route takes at most to close after its grace, and a moment (route/route.ts). */
const closingTime = millis(8_000);
/** What a dead worker had sent to Redis may be carried out after what it held was given back. */
const lookAgainAfter = millis(2000);
/** After time is up, for giving back what workers that had to be ended held. */
const lastTime = millis(700);

/** The metrics of `Pool` alone. */
export function createPoolMetrics(metrics: Metrics) {
  return {
    workers: metrics.gauge({ name: 'sluice_workers', help: 'Worker threads there should be.' }),
    up: metrics.gauge({ name: 'sluice_workers_up', help: 'Worker threads at work.' }),
    failures: metrics.counter({
      name: 'sluice_worker_failures_total',
      help: 'Times a worker thread ended unexpectedly.',
    }),
  };
}

/** The workers, as the main thread sees them: one for each part of the plan. */
export class Pool implements Relief {
  readonly #parts: PoolParts;
  readonly #wanted: Gauge;
  #plan: Plan;
  #lists: readonly SourceList[];
  #slots: readonly WorkerSlot[] = [];
  readonly #up: Gauge;
  readonly #failures: Counter;
  readonly #over = new AbortController();
  #news: PurgeNews | undefined;
  #signals: WorkerSignals | undefined;
  /** Of every slot the number of ranges that it left unanswered. */
  #running: readonly Promise<number>[] = [];
  #stocked: readonly string[] = [];
  #wishes: readonly TapWish[] = [];
  #starting: Promise<void> = Promise.resolve();

  constructor(parts: PoolParts) {
    this.#parts = parts;
    const { metrics, plan } = parts;
    const { workers, up, failures } = createPoolMetrics(metrics);
    this.#wanted = workers;
    this.#plan = plan;
    this.#lists = parts.lists;
    this.#up = up;
    this.#up.set(0);
    this.#failures = failures;
    this.#failures.add(0);
    // What is shown of a route while no worker says anything of it.
    for (const { route } of plan.workers.flat()) showWaiting(route, metrics);
    this.#grow();
  }

  /**
   * From now on the workers go by another plan and configuration, and new ones are there; routes that run are not touched yet. One
   * that does not take it over is replaced.
   */
  async reconfigure(
    plan: Plan,
    {
      lists,
      texts,
      logLevel,
    }: {
      readonly lists: readonly SourceList[];
      readonly texts: ConfigTexts;
      readonly logLevel: LogLevel;
    },
  ): Promise<void> {
    this.#plan = plan;
    this.#lists = lists;
    const known = this.#slots;
    for (const [index, slot] of known.entries()) slot.assign(this.#taskOf(index));
    this.#grow();
    const { cacheBytes, spillBytes } = plan;
    const share = { cacheBytes, spillBytes };
    await this.#command(known, { about: 'configuration', texts, logLevel, share }, commandTime);
  }

  /** Ends a route in every worker that runs it, for good where the plan does not have it there any more. */
  async endRoute(route: string, grace: Millis): Promise<void> {
    const time = millis(grace + closingTime);
    const end = async (slot: WorkerSlot): Promise<void> => {
      const isRemoved = !slot.routes.includes(route);
      await this.#command([slot], { about: 'ending', route, grace, isRemoved }, time);
    };
    await Promise.all(this.#slots.map(end));
  }

  /** Nothing that was counted of a route is shown any more. */
  forget(route: string): void {
    for (const slot of this.#slots) slot.forget(route);
  }

  /** Begins a route where the plan says. */
  async beginRoute(route: string): Promise<void> {
    const plan = this.#plan;
    if (this.has(route)) showWaiting(route, this.#parts.metrics);
    const begin = async (slot: WorkerSlot, index: number): Promise<void> => {
      const assignment = plan.workers[index]?.find((each) => each.route === route);
      if (assignment !== undefined)
        await this.#command([slot], { about: 'beginning', assignment }, commandTime);
    };
    await Promise.all(this.#slots.map(begin));
  }

  /** Each carries it out, or is replaced by one that begins with what there is now. One that has begun since then has it. */
  async #command(slots: readonly WorkerSlot[], question: Question, time: Millis): Promise<void> {
    const { clock, log } = this.#parts;
    const over = this.#signals?.stop;
    const carryOut = async (slot: WorkerSlot): Promise<void> => {
      if (over === undefined || over.aborted || !slot.isOutdated) return;
      try {
        const ask = (signal: AbortSignal) => slot.ask(question, signal);
        const answer = await withDeadline(ask, { clock, after: time }, over);
        if ('failed' in answer) throw new Error(answer.failed);
      } catch (error) {
        if (isAborted(over)) return;
        log.warn(
          { worker: slot.worker, reason: explain(error), about: question.about },
          'A worker did not take over the new configuration and is replaced.',
        );
        slot.replace('the configuration has changed');
      }
    };
    await Promise.all(slots.map(carryOut));
  }

  /** Makes the slots of the plan that are not there. */
  #grow(): void {
    const { workers } = this.#plan;
    const before = this.#slots.length;
    for (let index = before; index < workers.length; index++)
      this.#slots = [...this.#slots, this.#slot(index)];
    this.#wanted.set(workers.length);
    for (const slot of this.#slots.slice(before)) this.#start(slot);
  }

  #start(slot: WorkerSlot): void {
    if (this.#signals !== undefined) this.#running = [...this.#running, slot.run(this.#signals)];
  }

  /** Whether workers run the route. */
  has(route: string): boolean {
    return this.#slots.some(({ routes }) => routes.includes(route));
  }

  announce(stocked: readonly SourceList[]): void {
    this.#stocked = stocked.map(({ key }) => key);
    for (const slot of this.#slots) slot.tell({ kind: 'announce', lists: this.#stocked });
  }

  /** These want to see records from now on. */
  tap(wishes: readonly TapWish[]): void {
    this.#wishes = wishes;
    for (const slot of this.#slots) slot.tell({ kind: 'tap', wishes });
  }

  /** Runs the workers until they are stopped. Resolves with the number of ranges left unanswered. */
  async run(news: PurgeNews, signals: WorkerSignals): Promise<number> {
    this.#news = news;
    const { clock } = this.#parts;
    const over = this.#over.signal;
    const forget = onAbort(signals.late, () =>
      later(clock, lastTime, () => this.#over.abort(new Error('time is up')), over),
    );
    this.#signals = signals;
    for (const slot of this.#slots) this.#start(slot);
    await aborted(signals.stop);
    const unsettled = await Promise.all(this.#running);
    forget();
    this.#over.abort(new Error('the workers have ended'));
    return unsettled.reduce((sum, ranges) => sum + ranges, 0);
  }

  check(route: string): Promise<RouteHealth> {
    return healthIn(this.#slots, route, this.#parts.clock);
  }

  reports(): Promise<readonly ThreadReport[]> {
    return reportsOf(this.#slots, this.#parts.clock);
  }

  snapshots(): Promise<readonly Snapshot[]> {
    return snapshotsOf(this.#slots, this.#parts.clock);
  }

  problem(route: string): string | undefined {
    return problemIn(this.#slots, route);
  }

  /** By what the workers have said last: they answer for themselves once a second. */
  relieve(route: string, list: string, upTo: string): ReturnType<Relief['relieve']> {
    if (!this.has(route)) return 'not-ours';
    let isUnderWay = false;
    for (const slot of this.#slots) {
      if (!slot.routes.includes(route)) continue;
      slot.tell({ kind: 'relieve', route, list, upTo });
      const { down, spill } = slot;
      // One that is about to come back must not cost records.
      const isExpected =
        down === undefined || this.#parts.clock.elapsed() - down.since < stalledAfter;
      const problem = spill.find((each) => each.route === route)?.problem;
      if (isExpected && problem === undefined) isUnderWay = true;
    }
    return isUnderWay ? 'under-way' : 'cannot';
  }

  hasBacklog(route: string): boolean {
    return this.#slots.some(({ spill }) =>
      spill.some((each) => each.route === route && each.records > 0),
    );
  }

  #slot(index: number): WorkerSlot {
    const { consumer, spawn, clock, log } = this.#parts;
    const slot: WorkerSlot = new WorkerSlot({
      task: this.#taskOf(index),
      consumer,
      spawn,
      turn: () => this.#turn(),
      onMessage: (message) => {
        if (message.kind === 'ready') {
          slot.tell({ kind: 'announce', lists: this.#stocked });
          if (this.#wishes.length > 0) slot.tell({ kind: 'tap', wishes: this.#wishes });
        }
        this.#hear(message);
      },
      onChange: () => this.#up.set(this.#slots.filter(({ down }) => down === undefined).length),
      onFailure: () => this.#failures.add(1),
      giveBack: (name, routes) => this.#giveBack(name, routes),
      clock,
      log,
    });
    return slot;
  }

  #taskOf(index: number): WorkerSlotParts['task'] {
    const plan = this.#plan;
    const assignments = plan.workers[index] ?? [];
    const own = new Set(assignments.map(({ route }) => route));
    const all = [plan.main, ...plan.workers].flat().map(({ route }) => route);
    return {
      worker: index + 1,
      assignments,
      others: [...new Set(all)].filter((route) => !own.has(route)),
      cacheBytes: plan.cacheBytes,
      spillBytes: plan.spillBytes,
    };
  }

  #hear(message: FromWorker): void {
    const news = this.#news;
    if (message.kind === 'measured') hearMeasured(message.measured, this.#parts.instruments);
    else if (message.kind === 'log') this.#parts.writeLog(message.line);
    else if (message.kind === 'said') this.#parts.telemetry?.hear?.(message.line);
    else if (message.kind === 'traced') this.#parts.telemetry?.tracing?.traced(message.trace);
    else if (message.kind === 'unknown') this.#parts.onUnknown(message.field);
    else if (message.kind === 'tapped') this.#parts.onTapped(message.tapped);
    else if (message.kind === 'idle') news?.idle();
    else if (message.kind === 'groupMissing') news?.groupMissing();
    else if (message.kind === 'settled') {
      const list = this.#lists.find(({ key }) => key === message.list);
      if (list !== undefined) news?.settled(list);
    }
  }

  /** One start after the other where they share what is on disk; a start that hangs is not waited for. */
  async #turn(): Promise<() => void> {
    if (!this.#parts.isSpilling) return () => undefined;
    const before = this.#starting;
    const started = new AbortController();
    this.#starting = before.then(() => pause(this.#parts.clock, startTime, started.signal));
    await before;
    return () => started.abort();
  }

  async #giveBack(consumer: string, routes: readonly string[]): Promise<void> {
    const { clock, giveBack, log } = this.#parts;
    const give = () => giveBack(consumer, routes);
    const signal = this.#over.signal;
    try {
      const inTime = () => untilAborted(give(), signal);
      const ranges = await untilItSucceeds(inTime, { clock, log }, signal);
      if (ranges > 0) log.info({ ranges }, 'Gave back what a worker that ended had held.');
      this.#lookAgain(give);
    } catch {
      // Time is up; the leases run out by themselves.
    }
  }

  #lookAgain(give: () => Promise<number>): void {
    const look = (): void => void give().catch(() => undefined);
    later(this.#parts.clock, lookAgainAfter, look, this.#over.signal);
  }
}

function hearMeasured(
  { answered, pauses }: Measured,
  instruments: ProcessInstruments | undefined,
): void {
  instruments?.paused(pauses);
  for (const [pump, time] of answered) instruments?.answered(pump, millis(time));
}
