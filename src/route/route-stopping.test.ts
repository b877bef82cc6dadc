/** However a route ends, what it has not settled is given back and its sink is closed. */
import { describe, expect, it } from 'vitest';
import { ContractError } from '../lib/errors.ts';
import { settled } from '../lib/fake-clock.testing.ts';
import { millis } from '../lib/units.ts';
import { Delivery } from '../pump/delivery.ts';
import { delivered } from '../pump/verdict.ts';
import { RouteBench } from './testing/bench.testing.ts';
import { FakeSink, hanging, retrying } from './testing/fake-sink.testing.ts';
import { aFakeRecord, aPumpEntry, someRecords } from './testing/parts.testing.ts';

describe('a route', () => {
  it('drains what it has read when it is told to stop', async () => {
    const sink = new FakeSink(async (batch) => {
      await bench.clock.sleep(millis(500), new AbortController().signal);
      return Delivery.whole(batch, delivered());
    });
    const bench = new RouteBench(sink, { limits: { inFlight: 1 } });
    bench.source.add(someRecords(30));
    const running = bench.start();
    await settled();
    bench.stop.abort();
    bench.source.add(someRecords(5));
    await settled();
    expect(bench.source.taken).toBe(1);
    await bench.clock.advance(5_000);

    expect(await running).toEqual({ unsettled: 0 });
    expect(bench.records('delivered')).toBe(30);
    expect(bench.sink.closed).toBe(1);
    expect(bench.source.taken).toBe(1);
  });

  it('gives back what is unanswered when its grace ends, and closes the sink', async () => {
    const sink = new FakeSink(hanging);
    const bench = new RouteBench(sink);
    const id = bench.source.add(someRecords(30));
    const running = bench.start();
    await settled();
    bench.stop.abort();
    await bench.clock.advance(3_000);
    expect(sink.closed).toBe(0);
    bench.abandon.abort();
    await bench.clock.advance(0);

    expect(await running).toEqual({ unsettled: 1 });
    expect(bench.source.released).toEqual([id]);
    expect(sink.closed).toBe(1);
  });

  it('does not wait for a dead sink when it is told to stop', async () => {
    const bench = new RouteBench(new FakeSink(retrying('unreachable')));
    bench.source.add(someRecords(30));
    const running = bench.start();
    await bench.clock.advance(10_000);
    bench.stop.abort();
    await bench.clock.advance(0);

    expect(await running).toEqual({ unsettled: 1 });
  });

  it('stops while its sink is still opening', async () => {
    const bench = new RouteBench(undefined, {
      pump: { open: () => Promise.reject(new Error('away')) },
    });
    const running = bench.start();
    await bench.clock.advance(1_000);
    bench.stop.abort();

    expect(await running).toEqual({ unsettled: 0 });
  });

  it('rejects when a promise of ours is broken, and gives everything back first', async () => {
    const filters = { ...aPumpEntry().filters, apiIds: ['wanted'] };
    const bench = new RouteBench(undefined, { entry: aPumpEntry({ filters }) });
    const broken = {
      ...aFakeRecord(),
      text: (): string => {
        throw new ContractError('a record is total');
      },
    };
    const id = bench.source.add([broken]);
    const failed = expect(bench.start()).rejects.toThrow('a record is total');
    await bench.clock.advance(10_000);

    await failed;
    expect(bench.source.released).toEqual([id]);
    expect(bench.sink.closed).toBe(1);
  });
});
