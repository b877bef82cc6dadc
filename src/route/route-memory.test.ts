/** When the memory of a range's records may be used again, and when not. */
import { describe, expect, it } from 'vitest';
import { Delivery } from '../pump/delivery.ts';
import { delivered, reject, retry } from '../pump/verdict.ts';
import { RouteBench, stopped } from './testing/bench.testing.ts';
import { FakeSink, failure, hanging, never, retrying } from './testing/fake-sink.testing.ts';
import { aFakeRecord, aPumpEntry, someRecords } from './testing/parts.testing.ts';

type Overrides = ConstructorParameters<typeof RouteBench>[1];

/** What was let go of when one range of 25 records, in batches of ten, has been answered for in full. */
async function letGoAfter(sink: FakeSink, overrides: Overrides = {}): Promise<readonly string[]> {
  const bench = new RouteBench(sink, overrides);
  const id = bench.source.add(someRecords(25));
  const running = bench.start();
  await bench.clock.advance(600_000);
  expect(bench.source.settled).toEqual([id]);
  await stopped(bench, running);
  return bench.source.letGo;
}

describe('the memory of a range', () => {
  it('is let go of once, when the sink has answered for the last of its batches', async () => {
    const sink = new FakeSink();
    const bench = new RouteBench(sink, { limits: { inFlight: 1 } });
    bench.source.add(someRecords(25));
    const told: number[] = [];
    sink.answer = (batch) => {
      told.push(bench.source.letGo.length);
      return Promise.resolve(Delivery.whole(batch, delivered()));
    };
    const running = bench.start();
    await bench.clock.advance(10_000);

    expect(told).toEqual([0, 0, 0]);
    expect(bench.source.letGo).toHaveLength(1);
    await stopped(bench, running);
  });

  it('is let go of at once where a filter leaves nothing', async () => {
    const filters = { ...aPumpEntry().filters, skipApiIds: ['noisy'] };
    const bench = new RouteBench(new FakeSink(never), { entry: aPumpEntry({ filters }) });
    bench.source.add([aFakeRecord({ apiId: 'noisy' })]);
    const running = bench.start();
    await bench.clock.advance(1_000);

    expect(bench.source.letGo).toHaveLength(1);
    await stopped(bench, running);
  });

  it('is let go of where single records had to be sent again', async () => {
    let call = 0;
    const sink = new FakeSink((batch) => {
      const isFirst = call++ === 0;
      return Promise.resolve(
        Delivery.each(batch, (_, index) =>
          isFirst && index === 0 ? retry(failure('throttled')) : delivered(),
        ),
      );
    });

    expect(await letGoAfter(sink)).toHaveLength(1);
  });

  it('is kept where one is rejected: its letter may be under way', async () => {
    const sink = new FakeSink((batch) =>
      Promise.resolve(
        Delivery.each(batch, (_, index) =>
          index === 3 ? reject(failure('invalid')) : delivered(),
        ),
      ),
    );

    expect(await letGoAfter(sink)).toEqual([]);
  });

  it.each([
    ['failed as a whole', retrying('unreachable')],
    ['threw', () => Promise.reject(new Error('a bug'))],
    ['had to be aborted', hanging],
    ['never answered', never],
  ])('is kept where an attempt %s: the sink may still read', async (_, first) => {
    let call = 0;
    const sink = new FakeSink((batch, signal) =>
      call++ === 0 ? first(batch, signal) : Promise.resolve(Delivery.whole(batch, delivered())),
    );

    expect(await letGoAfter(sink)).toEqual([]);
  });

  it('is kept where the sink says after its abort that it has delivered', async () => {
    const sink = new FakeSink(async (batch, signal) => {
      await hanging(batch, signal).catch(() => undefined);
      return Delivery.whole(batch, delivered());
    });

    expect(await letGoAfter(sink)).toEqual([]);
  });

  it('is kept for a pump from outside the tree, which may keep records', async () => {
    const pump = { mayKeepRecords: true };

    expect(await letGoAfter(new FakeSink(), { pump })).toEqual([]);
  });
});
