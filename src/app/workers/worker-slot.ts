import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { StopSignals } from '../../lib/stop-signals.ts';
import { type Millis, millis } from '../../lib/units.ts';
import { isAborted, onAbort, pause } from '../../lib/waiting.ts';
import { remains, type Snapshot, without } from '../../telemetry/metrics.ts';
import type { Answer, FromWorker, Question, State, ToWorker, WorkerTask } from './messages.ts';
import { type Ending, WorkerThread } from './worker-thread.ts';

const firstPause = 1000;
const longestPause = 60_000;
/** A thread that ran as long as this was well: the next failure counts as the first. */
const wellAfter = 60_000;
/** Seconds without a sign of life. A worker that hangs keeps its ranges from nobody, but delivers nothing either. */
const longestSilence = 60;

export interface WorkerSignals extends StopSignals {
  /** Time is up: threads that still run are ended. */
  readonly late: AbortSignal;
}

export interface WorkerSlotParts {
  readonly task: Omit<WorkerTask, 'consumer'>;
  /** Name of the process in every consumer group. */
  readonly consumer: string;
  readonly spawn: (task: WorkerTask) => Worker;
  /** Waits for its turn to start; what it gives says that the start is over. */
  readonly turn: () => Promise<() => void>;
  /** Everything but signs of life. */
  readonly onMessage: (message: FromWorker) => void;
  /** Gives back what a dead worker held. Does not reject. */
  readonly giveBack: (consumer: string, routes: readonly string[]) => Promise<void>;
  /** It went up or down. */
  readonly onChange: () => void;
  /** A thread ended by itself. */
  readonly onFailure: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The place of one worker, taken by one thread after the other. A thread that ends by itself (an error, out of memory, a
 * hang) is an error line; what it held is given back at once, and after a pause that doubles the next thread begins.
 *
 * - **down**: no thread, or one that is not ready; `down` says why and since when.
 * - **up**: its thread has said `ready`.
 */
export class WorkerSlot {
  readonly #parts: WorkerSlotParts;
  #task: WorkerSlotParts['task'];
  /** The task that the thread of now was made for. */
  #made: WorkerSlotParts['task'] | undefined;
  #thread: WorkerThread | undefined;
  #down: { readonly reason: string; readonly since: Millis } | undefined;
  /** Its thread is to be followed by another one at once, which is no failure. */
  #isReplaced = false;
  /** Messages heard. */
  #heard = 0;
  #state: State | undefined;
  /** What earlier threads have counted. */
  #past: Snapshot = [];

  constructor(parts: WorkerSlotParts) {
    this.#parts = parts;
    this.#task = parts.task;
    this.#down = { reason: 'it is starting', since: parts.clock.elapsed() };
  }

  get worker(): number {
    return this.#task.worker;
  }

  get routes(): readonly string[] {
    return this.#task.assignments.map(({ route }) => route);
  }

  /** Undefined while it is up. */
  get down(): { readonly reason: string; readonly since: Millis } | undefined {
    return this.#down;
  }

  /** Its thread was made for another task than that of now, and must be told. */
  get isOutdated(): boolean {
    return this.#thread !== undefined && this.#made !== this.#task;
  }

  /** As last heard. */
  get spill(): State['spill'] {
    return this.#state?.spill ?? [];
  }

  /** What all its threads have counted, as last heard. */
  get counted(): readonly Snapshot[] {
    return [this.#past, this.#state?.metrics ?? []];
  }

  /** What its next thread is told to do. That of the one at work is changed by questions. */
  assign(task: WorkerSlotParts['task']): void {
    this.#task = task;
  }

  /** Ends its thread, if there is one: another one begins at once. What it held is given back. */
  replace(reason: string): void {
    if (this.#thread === undefined) return;
    this.#isReplaced = true;
    this.#thread.end(reason);
  }

  /** What earlier threads have counted of a route that is there no more is forgotten. */
  forget(route: string): void {
    this.#past = without(this.#past, 'route', route);
  }

  tell(message: ToWorker): void {
    this.#thread?.tell(message);
  }

  /** Rejects when it is gone or the signal aborts. */
  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    if (this.#thread === undefined) throw new Error(`worker ${this.worker}: ${this.#down?.reason}`);
    const answer = await this.#thread.ask(question, signal);
    if ('state' in answer) this.#state = answer.state;
    return answer;
  }

  /** Runs threads until it is stopped. Resolves with the number of ranges the last one left unanswered. */
  async run(signals: WorkerSignals): Promise<number> {
    const { clock, log } = this.#parts;
    let wait = firstPause;
    for (let number = 1; !signals.stop.aborted; number++) {
      const begun = clock.elapsed();
      const consumer = `${this.#parts.consumer}-w${this.worker}.${number}`;
      const { routes } = this;
      const ending = await this.#runThread(consumer, signals);
      this.#wentDown(ending.kind === 'died' ? ending.reason : 'it was stopped');
      await this.#keepCounts();
      if (ending.kind === 'ended' && ending.unsettled === 0) return 0;
      const givingBack = this.#parts.giveBack(consumer, [...new Set([...routes, ...this.routes])]);
      if (ending.kind === 'ended') {
        await givingBack;
        return ending.unsettled;
      }
      if (this.#isReplaced) {
        this.#isReplaced = false;
        await givingBack;
        continue;
      }
      this.#parts.onFailure();
      const { reason, stack } = ending;
      log.error({ worker: this.worker, reason, stack }, 'A worker ended by itself.');
      if (clock.elapsed() - begun >= wellAfter) wait = firstPause;
      await pause(clock, millis(wait), signals.stop);
      wait = Math.min(wait * 2, longestPause);
      if (isAborted(signals.stop)) {
        await givingBack;
        return 1;
      }
    }
    return 0;
  }

  async #runThread(consumer: string, { stop, abandon, late }: WorkerSignals): Promise<Ending> {
    const { spawn, turn } = this.#parts;
    const started = await turn();
    if (stop.aborted) {
      started();
      return { kind: 'ended', unsettled: 0 };
    }
    const over = new AbortController();
    const obeying: (() => void)[] = [];
    try {
      const hear = (message: FromWorker): void => {
        this.#heard++;
        if (message.kind === 'ready') started();
        this.#hear(message);
      };
      this.#made = this.#task;
      const thread = new WorkerThread(spawn({ ...this.#task, consumer }), hear, this.#parts.clock);
      this.#thread = thread;
      obeying.push(
        onAbort(stop, () => thread.tell({ kind: 'stop' })),
        onAbort(abandon, () => thread.tell({ kind: 'abandon' })),
        onAbort(late, () => thread.end('it did not stop in time')),
      );
      const watching = this.#watch(thread, over.signal);
      const ending = await thread.ending;
      over.abort();
      await watching;
      return ending;
    } catch (error) {
      // The thread could not even be made.
      return { kind: 'died', reason: explain(error), stack: undefined };
    } finally {
      this.#thread = undefined;
      for (const forget of obeying) forget();
      over.abort();
      started();
    }
  }

  #hear(message: FromWorker): void {
    if (message.kind === 'state' || message.kind === 'ended') this.#state = message.state;
    if (message.kind === 'ready') {
      this.#down = undefined;
      this.#parts.onChange();
    }
    this.#parts.onMessage(message);
  }

  #wentDown(reason: string): void {
    this.#down = { reason, since: this.#down?.since ?? this.#parts.clock.elapsed() };
    this.#parts.onChange();
  }

  /** Counts of a thread that is over go to those of the earlier ones, at once for whoever reads both. */
  async #keepCounts(): Promise<void> {
    const past = await remains([this.#past, this.#state?.metrics ?? []]);
    this.#past = past;
    this.#state = undefined;
  }

  async #watch(thread: WorkerThread, over: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    let silent = 0;
    for (let heard = 0; !over.aborted; heard = this.#heard) {
      // Ticks, not time: a process that was stopped and goes on must not end its workers.
      await pause(clock, millis(1000), over);
      silent = this.#heard === heard ? silent + 1 : 0;
      if (silent === longestSilence) thread.end('it gave no sign of life');
    }
  }
}
