import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

const sayEvery = 60_000;

/** Says what Redis refuses again and again: at the second time in a row, then once a minute. */
export class RepeatedRefusal {
  readonly #parts: { readonly clock: Clock; readonly log: Log };
  readonly #message: string;
  #times = 0;
  #said = Number.NEGATIVE_INFINITY;

  constructor(parts: { clock: Clock; log: Log }, message: string) {
    this.#parts = parts;
    this.#message = message;
  }

  /** What is no answer of Redis is the connection's to say. */
  failed(error: unknown): void {
    if (!(error instanceof Error) || error.name !== 'ReplyError') return;
    const { clock, log } = this.#parts;
    this.#times += 1;
    if (this.#times < 2 || clock.elapsed() - this.#said < sayEvery) return;
    this.#said = clock.elapsed();
    log.warn({ error: explain(error) }, this.#message);
  }

  succeeded(): void {
    this.#times = 0;
  }
}
