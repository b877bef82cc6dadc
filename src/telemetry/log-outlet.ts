import type { Counter, CounterSeries, Metrics } from '../lib/metrics.ts';
import { untilAborted } from '../lib/waiting.ts';

/**
 * Hands bytes to the operating system. `done` comes when they are taken, or with the error, and never before the answer;
 * the next bytes may be put then, or at once where the answer is true.
 */
export type Put = (bytes: Uint8Array, done: (error?: Error | null) => void) => boolean;

interface LogOutletParts {
  readonly put: Put;
  /** Characters of lines that may wait; lines beyond are dropped. */
  readonly bound: number;
}

const mostAtOnce = 64 * 1024;

/** What `countInto` takes. */
export const createDroppedLines = (metrics: Metrics): Counter =>
  metrics.counter({
    name: 'sluice_log_lines_dropped_total',
    help: 'Log lines lost because nothing read them from standard error.',
  });

/**
 * Where log lines leave the process. Nobody has to read them: what a full pipe does not take waits, up to a bound; what
 * comes after is dropped and counted, and said where it is missing as soon as somebody reads again.
 */
export class LogOutlet {
  readonly #put: Put;
  readonly #bound: number;
  readonly #waiting: string[] = [];
  #waitingLength = 0;
  /** Puts that are not done. */
  #underWay = 0;
  /** A put that was not taken at once is under way: nothing may be put before it is done. */
  #isFull = false;
  #dropped = 0;
  #unsaid = 0;
  #counter: CounterSeries | undefined;
  #sayDropped: (lines: number) => void = () => undefined;
  #askers: ((error: Error | undefined) => void)[] = [];
  #failure: Error | undefined;

  constructor({ put, bound }: LogOutletParts) {
    this.#put = put;
    this.#bound = bound;
  }

  /** Takes a line with its newline. */
  readonly write = (line: string): void => {
    if (!this.#isFull) {
      this.#send(line, 1);
      return;
    }
    // One line may exceed the bound: a long one must not be lost where nothing else waits.
    if (this.#waitingLength > this.#bound) {
      this.#drop(1, new Error('nobody reads standard error'));
      return;
    }
    this.#waiting.push(line);
    this.#waitingLength += line.length;
  };

  /** What says, in the log's own format, how many lines are missing at this place. */
  onDropped(say: (lines: number) => void): void {
    this.#sayDropped = say;
  }

  countInto(counter: CounterSeries): void {
    this.#counter = counter;
    counter.add(this.#dropped);
  }

  get isTaken(): boolean {
    return this.#underWay === 0 && this.#waiting.length === 0;
  }

  /** Resolves once every line so far is taken; rejects where one was lost meanwhile, or the signal aborts. */
  async taken(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.isTaken) return;
    const taken = new Promise<void>((resolve, reject) => {
      this.#askers.push((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    await untilAborted(taken, signal);
  }

  #send(text: string, lines: number): void {
    this.#underWay++;
    this.#isFull = !this.#put(Buffer.from(text), (error) => {
      this.#underWay--;
      if (error) this.#drop(lines, error);
      this.#goOn(!error);
    });
  }

  #goOn(hasReader: boolean): void {
    if (this.#underWay > 0) return;
    this.#isFull = false;
    if (this.#waiting.length > 0) {
      this.#sendWaiting();
      return;
    }
    if (this.#unsaid > 0 && hasReader) {
      const lines = this.#unsaid;
      this.#unsaid = 0;
      this.#sayDropped(lines);
      if (!this.isTaken) return;
    }
    const [askers, failure] = [this.#askers, this.#failure];
    this.#askers = [];
    this.#failure = undefined;
    for (const answer of askers) answer(failure);
  }

  #sendWaiting(): void {
    let [length, lines] = [0, 0];
    while (lines < this.#waiting.length && length < mostAtOnce)
      length += this.#waiting[lines++]?.length ?? 0;
    this.#waitingLength -= length;
    this.#send(this.#waiting.splice(0, lines).join(''), lines);
  }

  #drop(lines: number, reason: Error): void {
    this.#failure = reason;
    this.#dropped += lines;
    this.#unsaid += lines;
    this.#counter?.add(lines);
  }
}
