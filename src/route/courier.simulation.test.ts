import { beforeAll, describe, expect, it } from 'vitest';
import { Delivery } from '../pump/delivery.ts';
import { delivered, retry } from '../pump/verdict.ts';
import { Simulation, type SinkModel } from './testing/simulation.testing.ts';

const records = 100_000;
const sink: SinkModel = { places: 4, service: 50 };
const large: SinkModel = { ...sink, places: 16, limits: { records: 100, inFlight: 64 } };

const drained = (model: SinkModel, seed = 1): Promise<number> =>
  new Simulation(model, seed).drain(records);

/** In batches of `large`. */
const fewer = 40_000;

const average = (numbers: readonly number[]): number =>
  numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

describe('the courier, simulated', () => {
  let healthy = 0;

  beforeAll(async () => {
    healthy = await drained(sink);
  });

  it.each([1, 2])(
    'drains in three times the healthy time while 30 % of records are refused (seed %i)',
    async (seed) => {
      const simulation = new Simulation({ ...sink, refuses: 0.3 }, seed);

      expect(await simulation.drain(records)).toBeLessThanOrEqual(healthy * 3);
      expect(simulation.sizes.length).toBeLessThan(220);
    },
  );

  it('drains in three times the healthy time while 30 % of requests are refused', async () => {
    expect(await drained({ ...sink, refusesBatches: 0.3 })).toBeLessThanOrEqual(healthy * 3);
  });

  it('finds the knee of a sink, at about the speed of its ceiling', async () => {
    const fixed = await new Simulation({ ...large, concurrency: 'fixed' }).drain(fewer);
    const simulation = new Simulation(large);
    const took = await simulation.drain(fewer);
    const settled = simulation.underWay.slice(simulation.underWay.length * 0.6);

    expect(took).toBeLessThanOrEqual(fixed * 1.2);
    expect(average(settled)).toBeGreaterThanOrEqual(15);
    expect(average(settled)).toBeLessThanOrEqual(34);
  });

  it('stays near the capacity of a sink that refuses what is too much', async () => {
    const simulation = new Simulation({ ...large, queue: 4 });
    const took = await simulation.drain(fewer);

    // At best 400 batches, 16 at a time, each for 50 ms: 1,250 ms.
    expect(took).toBeLessThan(2500);
    expect(simulation.sizes.length).toBeLessThan(650);
  });

  it('asks a dead sink once per back-off, and is at full speed soon after it is back', async () => {
    const simulation = new Simulation(large);
    const { bench } = simulation;
    const { answer } = bench.sink;
    const died = bench.clock.elapsed() + 500;
    const back = died + 120_000;
    const asked: number[] = [];
    bench.sink.answer = (batch, signal) => {
      const now = bench.clock.elapsed();
      if (now >= died && now < back) {
        asked.push(now);
        return Promise.resolve(
          Delivery.whole(batch, retry({ kind: 'unreachable', message: 'refused' })),
        );
      }
      return answer(batch, signal);
    };
    const took = await simulation.drain(fewer, { step: 200 });

    // Those under way when it died, then ever fewer.
    expect(asked.length).toBeLessThan(60);
    expect(asked.filter((at) => at > died + 60_000).length).toBeLessThan(15);
    // The longest back-off, then what a healthy run takes.
    expect(took).toBeLessThan(120_500 + 30_000 + 2500);
  });

  it('does not starve fresh records for those that are never taken', async () => {
    const simulation = new Simulation(sink);
    const { bench } = simulation;
    const { answer } = bench.sink;
    bench.sink.answer = async (batch, signal) => {
      await answer(batch, signal);
      return Delivery.each(batch, ({ id }) =>
        id.endsWith('7') ? retry({ kind: 'throttled', message: 'its shard is away' }) : delivered(),
      );
    };
    const took = await simulation.drain(fewer * 0.9, { of: fewer });

    expect(took).toBeLessThan(4000);
  });
});
