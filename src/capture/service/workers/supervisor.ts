/*
 * Several processes that do the same, and share the ports of their sources: the first process holds the ports, hands out
 * connections in turn (Node's cluster), and passes none of the traffic. It starts the workers, puts another one in the place
 * of one that ends, tells all of them to reload and to stop, and shows them as one.
 */
import type { Clock } from '../../../lib/clock.ts';
import { explain } from '../../../lib/errors.ts';
import type { Log } from '../../../lib/log.ts';
import type { Counter, Metrics } from '../../../lib/metrics.ts';
import { type Millis, millis } from '../../../lib/units.ts';
import { aborted, isAborted, later, pause } from '../../../lib/waiting.ts';
import { remains, type Snapshot } from '../../../telemetry/metrics.ts';
import type { FromWorker, ToWorker, WorkerReport } from './messages.ts';

/** How a process ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A worker as a process. */
export interface WorkerProcess {
  readonly pid: number;
  send(message: ToWorker): void;
  onMessage(hear: (message: FromWorker) => void): void;
  onExit(hear: (exit: WorkerExit) => void): void;
  /** SIGKILL. */
  kill(): void;
}

export interface SupervisorParts {
  readonly count: number;
  /** Starts the worker with this index. */
  readonly fork: (index: number) => WorkerProcess;
  /** How long workers may take to stop; then they are killed. */
  readonly stopTime: Millis;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What a worker does not answer within is left out of a page. */
const answerTime = millis(2000);
/** A worker that ends sooner than this after its start may do so for ever: the next one waits, longer each time. */
const steady = 10_000;
const waits = [0, 500, 1000, 2000, 5000, 10_000, 30_000] as const;

interface Slot {
  readonly index: number;
  process: WorkerProcess | undefined;
  /** Some process of it was up. */
  wasUp: boolean;
  isFinished: boolean;
  startedAt: number;
  /** How often in a row it has ended soon. */
  failures: number;
  /** What it counted, when it was asked last. */
  counted: Snapshot;
}

/** The metric of the first process, for docs/capture.md and for who counts. */
export const supervisorMetrics = (metrics: Metrics): { readonly replaced: Counter } => ({
  replaced: metrics.counter({
    name: 'sluice_capture_workers_replaced_total',
    help: 'Workers that ended although nobody had told them to stop; another one took the place of each.',
  }),
});

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #replaced: Counter;
  readonly #slots: Slot[];
  readonly #asked = new Map<number, (report: WorkerReport) => void>();
  readonly #gone = new AbortController();
  #lastAsked = 0;
  /** What workers counted that are there no more. */
  #departed: Snapshot = [];
  #hasBegun = false;
  #isStopping = false;
  #code = 0;
  #whenChanged: () => void = () => undefined;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#replaced = supervisorMetrics(parts.metrics).replaced;
    this.#slots = Array.from({ length: parts.count }, (_, index) => ({
      ...{ index, process: undefined, wasUp: false, isFinished: false },
      ...{ startedAt: 0, failures: 0, counted: [] },
    }));
  }

  /**
   * Runs the workers until the signal aborts, or all have come to their end. Resolves to the exit code: 1 where one could not begin
   * or stop in order.
   */
  async run(stop: AbortSignal): Promise<number> {
    for (const slot of this.#slots) this.#start(slot);
    await this.#until(() => this.#hasBegun || this.#isOver() || this.#code !== 0, stop);
    if (this.#hasBegun) {
      this.#parts.log.info({ workers: this.#slots.length }, 'All workers have begun.');
      await this.#until(() => this.#isOver(), stop);
    }
    return this.#stop();
  }

  reload(): void {
    this.#tell({ kind: 'reload' });
  }

  /** What all workers say of themselves; undefined: it does not answer, or another is about to take its place. */
  async reports(): Promise<readonly (WorkerReport | undefined)[]> {
    return Promise.all(this.#slots.map((slot) => this.#ask(slot)));
  }

  /** Of workers that have ended: so no counter goes back. */
  get departed(): Snapshot {
    return this.#departed;
  }

  get pids(): readonly (number | undefined)[] {
    return this.#slots.map(({ process }) => process?.pid);
  }

  #start(slot: Slot): void {
    const { clock, fork } = this.#parts;
    const process = fork(slot.index);
    slot.process = process;
    slot.startedAt = clock.elapsed();
    process.onMessage((message) => this.#hear(slot, message));
    process.onExit((exit) => void this.#exited(slot, process, exit));
  }

  #hear(slot: Slot, message: FromWorker): void {
    if (message.kind === 'up') slot.wasUp = true;
    else if (message.kind === 'finished') slot.isFinished = true;
    else {
      slot.counted = message.metrics;
      this.#asked.get(message.id)?.(message);
    }
    this.#hasBegun ||= this.#slots.every(({ wasUp }) => wasUp);
    this.#whenChanged();
  }

  async #exited(slot: Slot, process: WorkerProcess, { code, signal }: WorkerExit): Promise<void> {
    const { clock, log } = this.#parts;
    slot.process = undefined;
    const { counted } = slot;
    slot.counted = [];
    const isAsItShould = slot.isFinished || this.#isStopping;
    if (isAsItShould ? code !== 0 : !this.#hasBegun) this.#code = 1;
    this.#departed = await remains([this.#departed, counted]);
    this.#whenChanged();
    if (this.#isStopping || slot.isFinished || !this.#hasBegun) return;
    const lived = clock.elapsed() - slot.startedAt;
    slot.failures = lived < steady ? slot.failures + 1 : 0;
    const wait = waits[Math.min(slot.failures, waits.length - 1)] ?? 0;
    this.#replaced.add(1);
    log.error(
      { worker: slot.index, pid: process.pid, code, signal, wait_ms: wait },
      'A worker has ended: what it had not yet written is lost. Another one takes its place.',
    );
    await pause(clock, millis(wait), this.#gone.signal);
    if (!isAborted(this.#gone.signal)) this.#start(slot);
  }

  async #ask(slot: Slot): Promise<WorkerReport | undefined> {
    const { process } = slot;
    if (process === undefined) return undefined;
    this.#lastAsked += 1;
    const id = this.#lastAsked;
    const done = new AbortController();
    const answer = new Promise<WorkerReport | undefined>((resolve) => {
      this.#asked.set(id, resolve);
      later(this.#parts.clock, answerTime, () => resolve(undefined), done.signal);
    });
    process.send({ kind: 'report', id });
    const report = await answer;
    done.abort();
    this.#asked.delete(id);
    return report;
  }

  async #stop(): Promise<number> {
    const { clock, log, stopTime } = this.#parts;
    this.#isStopping = true;
    this.#gone.abort();
    // What they have counted until here is shown no more, and need not be.
    this.#tell({ kind: 'stop' });
    const late = new AbortController();
    const done = new AbortController();
    later(clock, stopTime, () => late.abort(), done.signal);
    await this.#until(() => this.#isOver(), late.signal);
    done.abort();
    for (const { process, index } of this.#slots) {
      if (process === undefined) continue;
      this.#code = 1;
      log.error({ worker: index, pid: process.pid }, 'A worker does not end, and is killed.');
      process.kill();
    }
    return this.#code;
  }

  #isOver(): boolean {
    return this.#slots.every(({ process }) => process === undefined) && !this.#isReplacing();
  }

  /** One that waits before it is started again is not over. */
  #isReplacing(): boolean {
    return this.#hasBegun && !this.#isStopping && this.#slots.some(({ isFinished }) => !isFinished);
  }

  async #until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isSo() && !isAborted(signal))
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#whenChanged = resolve;
        }),
        aborted(signal),
      ]);
  }

  #tell(message: ToWorker): void {
    for (const { process } of this.#slots)
      try {
        process?.send(message);
      } catch (error) {
        // Its exit is on the way.
        this.#parts.log.warn({ reason: explain(error) }, 'A worker cannot be told anything.');
      }
  }
}
