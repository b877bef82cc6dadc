import { Bell } from '../../lib/bell.ts';
import type { Clock } from '../../lib/clock.ts';
import { millis } from '../../lib/units.ts';
import { isAborted, pause } from '../../lib/waiting.ts';
import type { Exporter } from './exporter.ts';
import type { Failures } from './failures.ts';

/** How long the first of a request waits for company. */
const gathering = millis(1000);
/** After a failure, before the next request. */
const waiting = millis(5000);

interface QueueParts<T> {
  readonly exporter: Exporter<readonly T[]>;
  /** Most items in a request. */
  readonly most: number;
  /** Most weight that waits. */
  readonly bound: number;
  readonly weightOf: (item: T) => number;
  readonly failures: Failures;
  /** Of the items that went nowhere: refused, or there was no room. */
  readonly onDropped: (items: number) => void;
  readonly clock: Clock;
}

/**
 * What waits to be sent of one signal, up to a bound; what comes beyond is dropped and counted, for nothing ever waits for it. What
 * could not be sent stays and is tried again; what was refused does not.
 */
export class Queue<T> {
  readonly #parts: QueueParts<T>;
  readonly #items: T[] = [];
  readonly #bell: Bell;
  readonly #closing = new AbortController();
  #weight = 0;

  constructor(parts: QueueParts<T>) {
    this.#parts = parts;
    this.#bell = new Bell(parts.clock);
  }

  add(item: T): void {
    const { bound, weightOf, onDropped } = this.#parts;
    const weight = weightOf(item);
    if (this.#weight + weight > bound) {
      onDropped(1);
      return;
    }
    this.#weight += weight;
    this.#items.push(item);
    if (this.#items.length === 1) this.#bell.ring();
  }

  /** Sends what comes until it is closed, and then what is left, once. */
  async run(): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#bell.rung();
      await pause(clock, gathering, signal);
      while (!(await this.#sendAll()) && !isAborted(signal)) await pause(clock, waiting, signal);
    }
    await this.#sendAll();
  }

  close(): void {
    this.#closing.abort();
    this.#bell.ring();
  }

  /** False: something is left that could not be sent. */
  async #sendAll(): Promise<boolean> {
    const { exporter, most, failures, onDropped } = this.#parts;
    while (this.#items.length > 0) {
      const some = this.#items.slice(0, most);
      const sent = await exporter.send(some);
      if (!sent.isTaken) failures.failed(sent.reason);
      if (!sent.isTaken && !sent.isFinal) return false;
      this.#items.splice(0, some.length);
      for (const item of some) this.#weight -= this.#parts.weightOf(item);
      const lost = sent.isTaken ? sent.refused : some.length;
      if (sent.isTaken) failures.worked();
      if (lost > 0) onDropped(lost);
    }
    return true;
  }
}
