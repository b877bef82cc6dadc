import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';

const sayEvery = 60_000;

/** Says what Redis refuses again and again: at the second time in a row, then once a minute, with how often it did. */
class RepeatedRefusal {
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
    log.warn({ error: explain(error), times: this.#times }, this.#message);
  }

  succeeded(): void {
    this.#times = 0;
  }
}

/** What may be refused to one who leases ranges. */
export const leaseRefusals = (parts: { clock: Clock; log: Log }) => ({
  reading: new RepeatedRefusal(
    parts,
    'Redis refuses to lend ranges; they wait and are asked for again.',
  ),
  renewal: new RepeatedRefusal(
    parts,
    'Redis refuses to renew leases; when they run out, others deliver the same records.',
  ),
});
