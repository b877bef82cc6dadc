/** A sink with a capacity, for simulations on a fake clock. */
import { bytes, millis } from '../../lib/units.ts';
import type { Batch } from '../../pump/batch.ts';
import { Delivery } from '../../pump/delivery.ts';
import type { Limits } from '../../pump/limits.ts';
import { delivered, retry, type Verdict } from '../../pump/verdict.ts';
import { RouteBench } from './bench.testing.ts';
import { FakeSink } from './fake-sink.testing.ts';
import { aPumpEntry, someRecords } from './parts.testing.ts';

const throttled = (): Verdict => retry({ kind: 'throttled', message: 'too many requests' });

export interface SinkModel {
  /** Batches it works on at a time; others queue. */
  readonly places: number;
  /** Time of one full batch, in milliseconds; an empty one would take a tenth. */
  readonly service: number;
  /** Share of the records it refuses by chance. */
  readonly refuses?: number;
  /** Share of the batches it refuses as a whole, by chance. */
  readonly refusesBatches?: number;
  /** Batches that may queue; whole ones beyond are refused at once. */
  readonly queue?: number;
  /** As the operator set it. */
  readonly concurrency?: 'adaptive' | 'fixed';
  readonly limits?: Partial<Limits>;
}

/** The same numbers each time. */
function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export class Simulation {
  readonly bench: RouteBench;
  readonly sizes: number[] = [];
  /** Batches under way as each of them began. */
  readonly underWay: number[] = [];
  readonly #model: SinkModel;
  readonly #limits: Limits;
  readonly #freeAt: number[];
  readonly #random: () => number;
  #underWay = 0;

  constructor(model: SinkModel, seed = 1) {
    this.#model = model;
    this.#limits = {
      records: 1000,
      bytes: bytes(5_000_000),
      age: millis(1000),
      inFlight: 4,
      ...model.limits,
    };
    this.#freeAt = Array.from({ length: model.places }, () => 0);
    this.#random = chances(seed);
    const entry = aPumpEntry();
    this.bench = new RouteBench(new FakeSink((batch, signal) => this.#deliver(batch, signal)), {
      entry: {
        ...entry,
        limits: { ...entry.limits, concurrency: model.concurrency ?? 'adaptive' },
      },
      limits: this.#limits,
      delivery: {
        attemptTimeout: millis(30_000),
        backoffBase: millis(200),
        backoffMax: millis(30_000),
        longestPause: millis(60_000),
        giveUpAttempts: 20,
        giveUpAge: millis(900_000),
        atRefusal: 'wait',
        retryShare: 0.5,
      },
    });
    this.bench.clock.chance = chances(seed + 1);
  }

  /** Simulated milliseconds until so many records are delivered. */
  async drain(records: number, { of = records, step = 20 } = {}): Promise<number> {
    const { clock, source } = this.bench;
    for (let added = 0; added < of; added += 1000) source.add(someRecords(1000));
    const begun = clock.elapsed();
    const running = this.bench.start();
    while (this.bench.records('delivered') < records && clock.elapsed() - begun < 600_000)
      await clock.advance(step);
    const took = clock.elapsed() - begun;
    this.bench.stop.abort();
    await clock.advance(5000);
    await running;
    return took;
  }

  async #deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    this.sizes.push(batch.size);
    this.#underWay += 1;
    this.underWay.push(this.#underWay);
    const { places, queue = Infinity, refusesBatches = 0, refuses = 0 } = this.#model;
    try {
      if (this.#underWay > places + queue) {
        await this.bench.clock.sleep(millis(1), signal);
        return Delivery.whole(batch, throttled());
      }
      await this.bench.clock.sleep(millis(this.#serve(batch.size)), signal);
      if (this.#random() < refusesBatches) return Delivery.whole(batch, throttled());
      return Delivery.each(batch, () => (this.#random() < refuses ? throttled() : delivered()));
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Takes a place and says how long that will last, waiting included. */
  #serve(size: number): number {
    const { service } = this.#model;
    const now = this.bench.clock.elapsed();
    const first = Math.min(...this.#freeAt);
    const freeAt = Math.max(now, first) + service * (0.1 + (0.9 * size) / this.#limits.records);
    this.#freeAt[this.#freeAt.indexOf(first)] = freeAt;
    return freeAt - now;
  }
}
