import {
  type Batch,
  Delivery,
  delivered,
  type Health,
  type PumpContext,
  retry,
  type Sink,
} from '#pump';
import type { Counting } from './counting.ts';

export interface SinkParts {
  readonly counting: Counting;
  readonly context: PumpContext;
  readonly page: ServedPage;
}

export interface ServedPage {
  /** It can be asked for. */
  isThere(): boolean;
  /** Takes it away. */
  close(): Promise<void>;
}

/** Counts; the page shows it to whoever asks. */
export class PrometheusSink implements Sink {
  readonly #counting: Counting;
  readonly #context: PumpContext;
  readonly #page: ServedPage;
  /** Names of metrics whose limit was reported. */
  readonly #full = new Set<string>();

  constructor({ counting, context, page }: SinkParts) {
    this.#counting = counting;
    this.#context = context;
    this.#page = page;
  }

  deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    if (signal.aborted) return Promise.resolve(Delivery.whole(batch, aborted));
    const now = this.#context.clock.elapsed();
    this.#counting.add(batch, now);
    this.#reportLimits();
    return Promise.resolve(Delivery.whole(batch, delivered()));
  }

  check(): Promise<Health> {
    return Promise.resolve(
      this.#page.isThere() ? { state: 'up' } : { state: 'down', reason: 'the page is not served' },
    );
  }

  close(): Promise<void> {
    return this.#page.close();
  }

  #reportLimits(): void {
    for (const { definition, store } of this.#counting.metrics) {
      const { name: metric } = definition;
      if (store.overflowed === 0 || this.#full.has(metric)) continue;
      this.#full.add(metric);
      this.#context.log.warn(
        { metric, series: store.size },
        'A metric has as many series as max_series allows; records of others are counted as overflow.',
      );
    }
  }
}

const aborted = retry({ kind: 'timeout', message: 'aborted before anything was counted' });
