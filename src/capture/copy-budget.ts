import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { type Bytes, seconds } from '../lib/units.ts';
import type { CaptureMetrics } from './metrics.ts';

/** What calls under way may hold of their bodies for their records: one bound for all of them, whatever their sources. */
export interface CopyBudget {
  /** Asks for bytes; gives how many of them may be kept. Fewer: the rest of that body is not kept either. */
  take(wanted: number): number;
  /** They are held no more. */
  give(held: number): void;
}

interface Parts {
  readonly bound: Bytes;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<CaptureMetrics, 'copied' | 'cutBodies'>;
}

/** Between two lines about bodies that were cut. */
const sayEvery = seconds(60);

/** Counts in bytes; what is not granted is counted, and said once a minute. */
export class SharedCopyBudget implements CopyBudget {
  readonly #parts: Parts;
  #held = 0;
  #saidAt = Number.NEGATIVE_INFINITY;
  #cut = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  take(wanted: number): number {
    const granted = Math.min(wanted, this.#parts.bound - this.#held);
    this.#held += granted;
    if (granted < wanted) this.#tell();
    return granted;
  }

  give(held: number): void {
    this.#held -= held;
  }

  /** Sets the gauge to what is now. */
  measure(): void {
    this.#parts.metrics.copied.set(this.#held);
  }

  #tell(): void {
    const { clock, log, metrics, bound } = this.#parts;
    metrics.cutBodies.add(1);
    this.#cut += 1;
    const now = clock.elapsed();
    if (now - this.#saidAt < sayEvery) return;
    this.#saidAt = now;
    log.warn(
      { bodies: this.#cut, bound },
      'Records keep less of bodies: calls under way hold as much as they may (record.bodies_total).',
    );
    this.#cut = 0;
  }
}
