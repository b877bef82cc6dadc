/**
 * How the process ends: never later than it has promised, whatever somebody else does not do. Three things can outlive a
 * stop that went well, and Node waits for each without end: bytes that the reader of a pipe does not take, a file
 * operation on a disk that does not answer (Node joins its threads when it exits), and a worker thread inside such a
 * call. Each gets a moment; then the process ends without it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Mask } from '../lib/mask.ts';
import { aborted, sharedAbort } from '../lib/waiting.ts';
import type { LogOutlet } from '../telemetry/log-outlet.ts';
import { watchSignals } from './signals.ts';

/** For each thing that may not end. */
const moment = 400;
/** From the signal on, before anything is done that would have to be finished. */
const startTime = 2000;
/** After `shutdown_timeout`, before what is left of the stop is given up. */
const overtime = 900;

/** What the operating system does for us in threads that an exit waits for. */
const poolWork: readonly string[] = [
  'FSReqCallback',
  'FSReqPromise',
  'FileHandleCloseReq',
  'GetAddrInfoReqWrap',
  'GetNameInfoReqWrap',
];

export class Ending {
  readonly #outlet: LogOutlet;
  readonly #mask: Mask;
  readonly #stopping = sharedAbort();
  readonly #threads = new Set<Worker>();
  #log: Log | undefined;
  /** Nobody sits before it. */
  #isService = false;
  #stopTime = startTime;
  #onHangUp: (() => void) | undefined;
  /** SIGHUP came before anybody wanted to hear of it. */
  #hasHungUp = false;
  #overdue: NodeJS.Timeout | undefined;

  constructor(outlet: LogOutlet, mask: Mask) {
    this.#outlet = outlet;
    this.#mask = mask;
  }

  /** Aborts at the first signal. */
  get stop(): AbortSignal {
    return this.#stopping.signal;
  }

  /** It runs until it is told to stop, and no terminal is its own. */
  serve(): void {
    this.#isService = true;
  }

  /** Says from now on what could not be waited for. */
  sayTo(log: Log): void {
    this.#log = log.child({ prefix: 'main' });
  }

  /** Time for a stop. */
  allow(time: number): void {
    this.#stopTime = time + overtime;
  }

  /** A thread that has to be gone before the process is. */
  watch(thread: Worker): Worker {
    this.#threads.add(thread);
    return thread.once('exit', () => this.#threads.delete(thread));
  }

  watchSignals(): void {
    watchSignals({
      isService: () => this.#isService,
      stop: (signal) => this.#stop(signal),
      hangUp: () => this.#hangUp(),
      sayIgnored: (signal, why) => this.#log?.warn({ signal, why }, 'A signal was ignored.'),
    });
  }

  /** Asks for an orderly stop, as a first signal does; it hurries none that is under way. */
  askToStop(reason: string): void {
    if (!this.stop.aborted) this.#stop(reason);
  }

  /** As SIGHUP to a service. */
  hangUp(): void {
    this.#hangUp();
  }

  /** What SIGHUP does to a service: at once where it came before this was asked for. */
  onHangUp(act: () => void): void {
    this.#onHangUp = act;
    if (this.#hasHungUp) act();
    this.#hasHungUp = false;
  }

  #hangUp(): void {
    const why = 'the service is stopping';
    if (this.stop.aborted) this.#log?.warn({ signal: 'SIGHUP', why }, 'A signal was ignored.');
    else if (this.#onHangUp === undefined) this.#hasHungUp = true;
    else this.#onHangUp();
  }

  /** The first signal asks for an orderly stop, a second one ends the process: what is unanswered is safe in Redis. */
  #stop(signal: string): void {
    if (this.stop.aborted) this.#exit(130);
    this.#overdue = setTimeout(() => {
      this.#say('error', 'The stop took too long and ends here, without what does not end.');
      void this.leave(1);
    }, this.#stopTime);
    this.#stopping.abort(new Error(`stopped by ${signal}`));
  }

  exitOnBug(): void {
    const exit = (error: unknown): void => {
      const stack = error instanceof Error ? error.stack : undefined;
      if (this.#log !== undefined)
        this.#log.error({ error: explain(error), stack }, 'Ended by a bug; nothing was lost.');
      else
        process.stderr.write(
          `sluice: error: ended by a bug: ${this.#mask(stack ?? explain(error))}\n`,
        );
      if (this.#outlet.isTaken) this.#exit(1);
      else void this.leave(1);
    };
    process.on('unhandledRejection', exit).on('uncaughtException', exit);
  }

  /** After the work: what is written gets to its reader if there is one, and the process ends. */
  async leave(code: number): Promise<never> {
    clearTimeout(this.#overdue);
    await this.#output();
    const time = AbortSignal.timeout(moment);
    const threads = Promise.allSettled([...this.#threads].map((thread) => thread.terminate()));
    await Promise.allSettled([
      this.#outlet.taken(time),
      Promise.race([threads, delay(moment)]),
      untilIdle(time),
    ]);
    if (this.#hung() !== '') {
      this.#say('warn', 'The process ends without what does not end.');
      await this.#outlet.taken(AbortSignal.timeout(moment / 4)).catch(() => undefined);
    }
    return this.#exit(code);
  }

  /** What a command has printed waits for its reader, a pager for instance, until a signal comes. */
  async #output(): Promise<void> {
    const taken = Promise.all([written(process.stdout), written(process.stderr)]);
    const asked = this.#isService ? Promise.resolve() : aborted(this.stop);
    await Promise.race([taken, asked.then(() => delay(moment))]);
  }

  #say(level: 'error' | 'warn', message: string): void {
    const waiting = this.#hung();
    if (this.#log !== undefined) this.#log[level]({ waiting }, message);
    else if (level === 'error') process.stderr.write(`sluice: error: ${message} (${waiting})\n`);
  }

  #hung(): string {
    const files = poolWorkUnderWay() ? ['file operations or name look-ups'] : [];
    const threads = this.#threads.size > 0 ? ['worker threads'] : [];
    return [...files, ...threads].join(', ');
  }

  #exit(code: number): never {
    clearTimeout(this.#overdue);
    if (this.#hung() === '') process.exit(code);
    endHard(code);
  }
}

const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.writableLength === 0) resolve();
    else stream.once('drain', resolve);
  });

const poolWorkUnderWay = (): boolean =>
  process.getActiveResourcesInfo().some((name) => poolWork.includes(name));

async function untilIdle(signal: AbortSignal): Promise<void> {
  while (poolWorkUnderWay()) await delay(10, undefined, { signal });
}

type Replace = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => void;

/** Without waiting for any thread. */
function endHard(code: number): never {
  process.kill(process.pid, 'SIGKILL');
  // Only the first process of a container is still here: no signal of its own can end it.
  const { execve } = process as { execve?: Replace };
  execve?.call(process, process.execPath, [process.execPath, '-e', `process.exit(${code})`], {});
  process.abort();
}
