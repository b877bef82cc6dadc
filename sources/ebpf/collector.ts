import {
  type Clock,
  explain,
  isAborted,
  type Log,
  millis,
  pause,
  type Source,
  StartError,
} from '#source';
import type { Piece } from './loader/frames.ts';
import { type Loader, type LoaderHandler, startLoader } from './loader/loader.ts';
import type { Meter } from './meter.ts';
import type { Watcher } from './watch/watcher.ts';

/** What is made of the pieces. */
export interface PieceTaker {
  piece(piece: Piece): void;
  /** Milliseconds to add to the times of pieces, so that they count from 1970. */
  setClock(offset: number): void;
  /** This process is watched no longer: what was open in it ends. */
  forget(pid: number): void;
  /** All of them: the loader is gone. */
  forgetAll(): void;
}

export interface CollectorParts {
  readonly command: readonly string[];
  readonly lookEvery: number;
  readonly watcher: Watcher;
  readonly meter: Meter;
  readonly taker: PieceTaker;
  readonly clock: Clock;
  readonly log: Log;
  /** Called every minute, and at the stop. */
  readonly report: () => void;
}

const reportEvery = 60_000;
const firstPause = 1000;
const longestPause = 60_000;

/** Starts the loader, and keeps it: one that is gone is started again. Rejects with a `StartError` where it cannot begin. */
export async function startCollector(parts: CollectorParts): Promise<Source> {
  const collector = new Collector(parts);
  try {
    await collector.begin();
  } catch (error) {
    throw new StartError(`The loader of eBPF cannot work: ${explain(error)}`, error);
  }
  return collector;
}

class Collector implements Source {
  readonly listensAt: readonly string[] = [];
  readonly #parts: CollectorParts;
  readonly #stopping = new AbortController();
  #loader: Loader | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: CollectorParts) {
    this.#parts = parts;
  }

  async begin(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      await this.#loader?.stop();
      throw error;
    }
    this.#looking = this.#keepLooking();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loader?.stop();
    await this.#looking;
    // One that was being started again meanwhile.
    await this.#loader?.stop();
    // What is open has no end that anybody saw.
    this.#parts.taker.forgetAll();
    this.#parts.report();
  }

  async #start(): Promise<void> {
    const { command, meter, taker, watcher, log } = this.#parts;
    const handler: LoaderHandler = {
      piece: (piece) => taker.piece(piece),
      statistics(statistics) {
        taker.setClock(statistics.clockOffset);
        meter.statistics(statistics);
      },
      ended(pid, start) {
        watcher.ended(pid, start);
        taker.forget(pid);
      },
      problem: (words) => log.warn({ reason: words }, 'The loader of eBPF has something to say.'),
      gone: (reason) => {
        this.#loader = undefined;
        watcher.forget();
        taker.forgetAll();
        meter.restarted();
        log.error({ reason }, 'The loader of eBPF is gone: nothing is seen until it is back.');
      },
    };
    const loader = await startLoader(command, handler);
    this.#loader = loader;
    await watcher.look(loader);
    meter.workloads(watcher.workloads);
  }

  async #keepLooking(): Promise<void> {
    const { clock, lookEvery, watcher, meter, log } = this.#parts;
    const { signal } = this.#stopping;
    let wait = firstPause;
    let reported = clock.elapsed();
    while (!signal.aborted) {
      const loader = this.#loader;
      await pause(clock, millis(loader === undefined ? wait : lookEvery), signal);
      if (isAborted(signal)) return;
      if (clock.elapsed() - reported >= reportEvery) {
        reported = clock.elapsed();
        this.#parts.report();
      }
      try {
        if (this.#loader === undefined) {
          await this.#start();
          log.info({}, 'The loader of eBPF is back.');
        } else await watcher.look(this.#loader);
        meter.workloads(watcher.workloads);
        wait = firstPause;
      } catch (error) {
        wait = Math.min(2 * wait, longestPause);
        if (this.#loader === undefined)
          log.warn({ reason: explain(error) }, 'The loader of eBPF could not be started again.');
      }
    }
  }
}
