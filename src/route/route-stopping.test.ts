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

  it('finishes what it has begun when it is told to be short, and gives back the rest', async () => {
    const sink = new FakeSink(async (batch) => {
      await bench.clock.sleep(millis(500), new AbortController().signal);
      return Delivery.whole(batch, delivered());
    });
    const bench = new RouteBench(sink, { limits: { inFlight: 1, records: 10 } });
    // A batch spans the first two; nothing of the others has left.
    const ids = [4, 25, 9, 30].map((records) => bench.source.add(someRecords(records)));
    const running = bench.start();
    await settled();
    bench.shorten.abort();
    bench.stop.abort();
    await bench.clock.advance(5_000);

    expect(await running).toEqual({ unsettled: 2 });
    expect(bench.records('delivered')).toBe(29);
    expect(bench.source.settled).toEqual(ids.slice(0, 2));
    expect(bench.source.released).toEqual(ids.slice(2));
    expect(sink.sizes).toEqual([10, 10, 9]);
  });

  it('gives back a range of which records were filtered, and counts them once', async () => {
    const sink = new FakeSink(async (batch) => {
      await bench.clock.sleep(millis(500), new AbortController().signal);
      return Delivery.whole(batch, delivered());
    });
    const filters = { ...aPumpEntry().filters, apiIds: ['wanted'] };
    const entry = aPumpEntry({ filters });
    const bench = new RouteBench(sink, { entry, limits: { inFlight: 1, records: 1 } });
    const wanted = { ...aFakeRecord(), text: () => 'wanted' };
    const other = { ...aFakeRecord(), text: () => 'other' };
    const begun = bench.source.add([wanted, other]);
    const filtered = bench.source.add([wanted, other]);
    const running = bench.start();
    await settled();
    expect(bench.records('filtered')).toBe(0);
    bench.shorten.abort();
    bench.stop.abort();
    await bench.clock.advance(5_000);

    expect(await running).toEqual({ unsettled: 1 });
    expect(bench.source.settled).toEqual([begun]);
    expect(bench.source.released).toEqual([filtered]);
    expect(bench.records('filtered')).toBe(1);
  });

  it('finishes a range of which records have vanished, for that was said already', async () => {
    const sink = new FakeSink(async (batch) => {
      await bench.clock.sleep(millis(500), new AbortController().signal);
      return Delivery.whole(batch, delivered());
    });
    const bench = new RouteBench(sink, { limits: { inFlight: 1, records: 1 } });
    const begun = bench.source.add(someRecords(1));
    const vanished = bench.source.add(someRecords(1), { vanished: 2 });
    const untouched = bench.source.add(someRecords(1));
    const running = bench.start();
    await settled();
    bench.shorten.abort();
    bench.stop.abort();
    await bench.clock.advance(5_000);

    expect(await running).toEqual({ unsettled: 1 });
    expect(bench.source.settled).toEqual([begun, vanished]);
    expect(bench.source.released).toEqual([untouched]);
    expect(bench.records('vanished')).toBe(2);
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
