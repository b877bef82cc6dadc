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
import {
  askedFor,
  type Loader,
  LoaderFault,
  type LoaderHandler,
  startLoader,
} from './loader/loader.ts';
import type { Meter } from './meter.ts';
import type { Watcher } from './watch/watcher.ts';
import type { AllTraffic } from './workloads/traffic.ts';
import { EbpfWorkloads } from './workloads/workloads.ts';

/** What is made of the pieces. */
export interface PieceTaker {
  piece(piece: Piece): void;
  /** Milliseconds to add to the times of pieces, so that they count from 1970. */
  setClock(offset: number): void;
  /** This process is watched no longer: what was open in it ends (`end`), or goes on unseen (`lost`). */
  forget(pid: number, ending: 'end' | 'lost'): void;
  /** All of them: the loader is gone. */
  forgetAll(): void;
}

export interface CollectorParts {
  readonly command: readonly string[];
  readonly lookEvery: number;
  readonly watcher: Watcher;
  readonly meter: Meter;
  readonly traffic: AllTraffic;
  /** Processes that the configuration does not name may be switched on. */
  readonly isSwitchable: boolean;
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
  /** Looks come one after the other: each is answered by what the one before it has done. */
  #lastLook: Promise<void> = Promise.resolve();
  readonly workloads: EbpfWorkloads;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
    const { watcher, meter, traffic, clock, isSwitchable } = parts;
    this.workloads = new EbpfWorkloads({
      ...{ watcher, meter, traffic, clock, isSwitchable },
      look: () => this.#look(),
    });
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
    this.#parts.traffic.settle(this.#parts.watcher.processes);
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
      ended(pid, start, reason) {
        watcher.ended(pid, start);
        taker.forget(pid, reason === askedFor ? 'lost' : 'end');
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
    await this.#look();
  }

  /** Rejects where there is no loader. */
  #look(): Promise<void> {
    const look = this.#lastLook.then(async () => {
      const { watcher, meter, traffic } = this.#parts;
      if (this.#loader === undefined) throw new LoaderFault('the loader is not there');
      await watcher.look(this.#loader);
      meter.workloads(watcher.workloads);
      traffic.settle(watcher.processes);
    });
    this.#lastLook = look.catch(() => undefined);
    return look;
  }

  async #keepLooking(): Promise<void> {
    const { clock, lookEvery, log } = this.#parts;
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
        } else await this.#look();
        wait = firstPause;
      } catch (error) {
        wait = Math.min(2 * wait, longestPause);
        if (this.#loader === undefined)
          log.warn({ reason: explain(error) }, 'The loader of eBPF could not be started again.');
      }
    }
  }
}
