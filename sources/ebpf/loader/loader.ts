import { type ChildProcess, spawn } from 'node:child_process';
import { explain } from '#source';
import { type ProcessFacts, readProcesses } from '../watch/processes.ts';
import { FrameReader, type Piece, type Said } from './frames.ts';

/** What the loader counts, since it began. */
export interface LoaderStatistics {
  /** Added to the monotonic clock of its pieces gives milliseconds since 1970. */
  readonly clockOffset: number;
  readonly calls: number;
  readonly pieces: number;
  /** Pieces for which there was no place, as nobody took them in time. */
  readonly lost: number;
  readonly lostBytes: number;
  /** Pieces whose memory could not be read. */
  readonly faults: number;
  /** Bytes of single calls beyond 1 MiB. */
  readonly cutBytes: number;
}

/** How a library is probed. `dear`: each call costs its program 10 µs more than the others. */
export type ProbeKind = 'inner' | 'cheap' | 'dear';

export interface Watching {
  readonly start: number;
  readonly libraries: readonly { readonly file: string; readonly probes: ProbeKind }[];
}

export interface LoaderHandler {
  piece(piece: Piece): void;
  statistics(statistics: LoaderStatistics): void;
  /** A process is watched no longer: it has ended, or `unwatch` asked for it. */
  ended(pid: number, start: number, reason: string): void;
  problem(words: string): void;
  /** The loader is gone, with all its probes. Called once, not after `stop`. */
  gone(reason: string): void;
}

const nothing = (): void => undefined;

/** Of a loader that is only asked something. */
export const unheard: LoaderHandler = {
  piece: nothing,
  statistics: nothing,
  ended: nothing,
  problem: nothing,
  gone: nothing,
};

/** The process with the rights (native/loader.c). */
export interface Loader {
  /** Rejects where the loader is gone. */
  list(): Promise<readonly ProcessFacts[]>;
  /** Rejects with the reason where it cannot be watched. */
  watch(pid: number, start: number): Promise<Watching>;
  /** Resolves when its probes are out. */
  unwatch(pid: number): Promise<void>;
  /** Takes all probes out, and resolves when it is gone. */
  stop(): Promise<void>;
}

/** The loader’s reason for what `unwatch` asked for (native/loader.c). */
export const askedFor = 'asked for';

/** The loader cannot work here, and would not on a second try: rights, kernel, or no such program. */
export class LoaderFault extends Error {}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/** Starts it. Resolves when the kernel has taken its part; rejects with a `LoaderFault` where it does not. */
export function startLoader(command: readonly string[], handler: LoaderHandler): Promise<Loader> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    const running = new RunningLoader(child, handler, {
      resolve: () => resolve(running),
      reject,
    });
  });
}

class RunningLoader implements Loader {
  readonly #child: ChildProcess;
  readonly #handler: LoaderHandler;
  readonly #lists: Waiting<readonly ProcessFacts[]>[] = [];
  readonly #watches = new Map<number, Waiting<Watching>>();
  readonly #unwatches = new Map<number, () => void>();
  readonly #exited: Promise<void>;
  #starting: Waiting<void> | undefined;
  #isStopping = false;
  #complaint = '';

  constructor(child: ChildProcess, handler: LoaderHandler, starting: Waiting<void>) {
    this.#child = child;
    this.#handler = handler;
    this.#starting = starting;
    const reader = new FrameReader({
      piece: (piece) => handler.piece(piece),
      said: (said) => this.#hear(said),
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      try {
        reader.take(chunk);
      } catch (error) {
        this.#complaint = explain(error);
        child.stdout?.destroy();
        child.kill('SIGKILL');
      }
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#complaint = `${this.#complaint}${chunk.toString()}`.slice(-2000);
    });
    // A loader that is gone is told by its end, not by what could not be written to it.
    child.stdin?.on('error', () => undefined);
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#end(explain(error));
        resolve();
      });
      child.once('close', (code, signal) => {
        const how = signal === null ? `with ${code}` : `by ${signal}`;
        const words = this.#complaint.trim();
        this.#end(`it ended ${how}${words === '' ? '' : `: ${words}`}`);
        resolve();
      });
    });
  }

  list(): Promise<readonly ProcessFacts[]> {
    return new Promise((resolve, reject) => {
      this.#lists.push({ resolve, reject });
      this.#send('list');
    });
  }

  watch(pid: number, start: number): Promise<Watching> {
    return new Promise((resolve, reject) => {
      this.#watches.set(pid, { resolve, reject });
      this.#send(`watch ${pid} ${start}`);
    });
  }

  unwatch(pid: number): Promise<void> {
    return new Promise((resolve) => {
      this.#unwatches.set(pid, resolve);
      this.#send(`unwatch ${pid}`);
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child.stdin?.end();
    await this.#exited;
  }

  #send(command: string): void {
    this.#child.stdin?.write(`${command}\n`);
  }

  #hear(said: Said): void {
    if (said['ready'] !== undefined) {
      this.#starting?.resolve();
      this.#starting = undefined;
    } else if (said['failed'] !== undefined) {
      this.#complaint = `${textOf(said['failed'])}. ${textOf(said['details'])}`;
    } else if (said['processes'] !== undefined) {
      this.#lists.shift()?.resolve(readProcesses(said));
    } else if (said['statistics'] !== undefined) {
      this.#handler.statistics(readStatistics(said['statistics'] as Said));
    } else if (typeof said['watching'] === 'number') {
      this.#answered(said['watching'])?.resolve(said as unknown as Watching);
    } else if (typeof said['refused'] === 'number') {
      const pid = said['refused'];
      const watch = this.#answered(pid);
      if (watch === undefined) this.#isOut(pid);
      else watch.reject(new Error(String(said['reason'])));
    } else if (typeof said['ended'] === 'number') {
      this.#isOut(said['ended']);
      this.#handler.ended(said['ended'], Number(said['start']), String(said['reason']));
    } else if (typeof said['problem'] === 'string') {
      this.#handler.problem(said['problem']);
    }
  }

  /** Nothing of ours is in this process. */
  #isOut(pid: number): void {
    this.#unwatches.get(pid)?.();
    this.#unwatches.delete(pid);
  }

  #answered(pid: number): Waiting<Watching> | undefined {
    const waiting = this.#watches.get(pid);
    this.#watches.delete(pid);
    return waiting;
  }

  #end(reason: string): void {
    const starting = this.#starting;
    this.#starting = undefined;
    const error = new LoaderFault(reason);
    starting?.reject(error);
    for (const waiting of [...this.#lists.splice(0), ...this.#watches.values()])
      waiting.reject(error);
    this.#watches.clear();
    // With it went all its probes.
    for (const pid of [...this.#unwatches.keys()]) this.#isOut(pid);
    if (starting === undefined && !this.#isStopping) this.#handler.gone(reason);
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function readStatistics(said: Said): LoaderStatistics {
  const number = (name: string): number => Number(said[name] ?? 0);
  return {
    clockOffset: number('clock') / 1e6,
    calls: number('calls'),
    pieces: number('pieces'),
    lost: number('lost'),
    lostBytes: number('lost_bytes'),
    faults: number('faults'),
    cutBytes: number('cut_bytes'),
  };
}
