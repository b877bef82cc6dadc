import { describe, expect, it, vi } from 'vitest';
import { settled } from '../lib/fake-clock.testing.ts';
import { bytes } from '../lib/units.ts';
import { aRecord } from '../record/testing.ts';
import { RouteBench, stopped } from './testing/bench.testing.ts';
import { FakeSink, hanging } from './testing/fake-sink.testing.ts';
import { aFakeRecord, aPumpEntry, someRecords } from './testing/parts.testing.ts';

describe('a route', () => {
  it('delivers the records of a range in batches and settles the range once', async () => {
    const bench = new RouteBench();
    const id = bench.source.add(someRecords(25));
    const running = bench.start();
    await settled();

    expect(bench.sink.sizes).toEqual([10, 10, 5]);
    expect(bench.sink.batches[0]?.entries[3]?.id).toBe(`${id}:3`);
    expect(bench.source.settled).toEqual([id]);
    expect(bench.records('delivered')).toBe(25);
    expect(await stopped(bench, running)).toEqual({ unsettled: 0 });
    expect(bench.sink.closed).toBe(1);
  });

  it('says how old the records are when the sink has answered', async () => {
    const bench = new RouteBench();
    const seconds = bench.clock.now() / 1_000 - 3;
    const time = () => ({ seconds, nanos: 0, zone: 'UTC' });
    bench.source.add(someRecords(25).map((record) => ({ ...record, time })));
    const running = bench.start();
    await settled();
    await stopped(bench, running);

    // One of each batch, of which there are three.
    const ages = bench.metrics.observed.get('sluice_record_age_at_delivery_seconds TEST');
    expect(ages).toEqual([3, 3, 3]);
  });

  it('sends what there is at once when the sink has nothing to do', async () => {
    const bench = new RouteBench();
    const running = bench.start();
    await settled();
    bench.source.add(someRecords(1));
    await settled();

    expect(bench.sink.sizes).toEqual([1]);
    await stopped(bench, running);
  });

  it('fills a batch while the sink is busy, until its oldest record has waited long enough', async () => {
    const bench = new RouteBench(new FakeSink(hanging));
    const running = bench.start();
    bench.source.add(someRecords(1));
    await settled();
    bench.source.add(someRecords(2));
    await bench.clock.advance(500);
    bench.source.add(someRecords(3));
    await bench.clock.advance(499);
    expect(bench.sink.sizes).toEqual([1]);
    await bench.clock.advance(1);

    expect(bench.sink.sizes).toEqual([1, 5]);
    bench.abandon.abort();
    await stopped(bench, running);
  });

  it('answers for filtered records without the sink', async () => {
    const filters = { ...aPumpEntry().filters, skipApiIds: ['noisy'] };
    const bench = new RouteBench(undefined, { entry: aPumpEntry({ filters }) });
    const mixed = bench.source.add([...someRecords(2, { apiId: 'noisy' }), aFakeRecord()]);
    const noisy = bench.source.add(someRecords(3, { apiId: 'noisy' }));
    const running = bench.start();
    await settled();

    expect(bench.sink.sizes).toEqual([1]);
    expect(bench.source.settled.sort()).toEqual([mixed, noisy]);
    expect([bench.records('filtered'), bench.records('delivered')]).toEqual([5, 1]);
    await stopped(bench, running);
  });

  it('edits records after the filter', async () => {
    const filters = { ...aPumpEntry().filters, apiIds: ['wanted'] };
    const entry = aPumpEntry({ filters, ignoreFields: ['api_id'], omitDetailedRecording: true });
    const bench = new RouteBench(undefined, { entry });
    bench.source.add([aRecord({ api_id: 'wanted', raw_request: 'R0VU' })]);
    const running = bench.start();
    await settled();

    const record = bench.sink.batches[0]?.entries[0].record;
    expect([record?.text('api_id'), record?.text('raw_request')]).toEqual(['', '']);
    await stopped(bench, running);
  });

  it('counts records of a lost segment as vanished and settles the range', async () => {
    const bench = new RouteBench();
    const id = bench.source.add([], { vanished: 12 });
    const running = bench.start();
    await settled();

    expect(bench.records('vanished')).toBe(12);
    expect(bench.source.settled).toEqual([id]);
    await stopped(bench, running);
  });

  it('says nothing of a lost segment whose range somebody else has taken over', async () => {
    const bench = new RouteBench();
    bench.source.takenOver.add(bench.source.add([], { vanished: 12, rangeBytes: 100 }));
    const running = bench.start();
    await settled();

    expect(bench.records('vanished')).toBe(0);
    const next = bench.source.add(someRecords(1));
    await settled();
    await bench.clock.advance(1000);
    expect(bench.source.settled).toEqual([next]);
    await stopped(bench, running);
    expect(bench.source.released).toEqual([]);
  });

  it('reads no more than its bound of bytes in flight', async () => {
    const sink = new FakeSink(hanging);
    const bench = new RouteBench(sink, { inFlightBytes: bytes(3_000_000) });
    for (let range = 0; range < 9; range++)
      bench.source.add(someRecords(10, { size: 50_000 }), { rangeBytes: 1_000_000 });
    const running = bench.start();
    await settled();

    expect(bench.heldBytes).toBeLessThanOrEqual(3_000_000);
    expect(bench.source.taken).toBeLessThan(9);
    bench.abandon.abort();
    await stopped(bench, running);
  });

  it('reads no more of the shortest records than it can keep track of', async () => {
    const sink = new FakeSink(hanging);
    const bench = new RouteBench(sink, { inFlightBytes: bytes(3_000_000) });
    for (let range = 0; range < 9; range++)
      bench.source.add(someRecords(1000, { size: 12 }), { rangeBytes: 12_000 });
    const running = bench.start();
    await settled();

    expect(bench.source.taken).toBeGreaterThan(0);
    expect(bench.source.taken).toBeLessThan(9);
    bench.abandon.abort();
    await stopped(bench, running);
  });

  it('sleeps while the sink is busy, however many ranges come, and still says what it holds', async () => {
    const bench = new RouteBench(new FakeSink(hanging), { limits: { inFlight: 1 } });
    bench.source.add(someRecords(10));
    const running = bench.start();
    await bench.clock.advance(100);
    const before = bench.heldBytes ?? 0;
    const alarms = vi.spyOn(bench.clock, 'after');
    for (let range = 0; range < 20; range++) {
      bench.source.add(someRecords(10));
      await settled();
    }

    expect(bench.source.taken).toBe(21);
    expect(bench.heldBytes).toBe(21 * before);
    expect(alarms.mock.calls).toEqual([]);
    bench.abandon.abort();
    await stopped(bench, running);
  });

  it('says when Redis does not take its acknowledgements, and goes on', async () => {
    const bench = new RouteBench();
    let acknowledge = (): void => undefined;
    bench.source.onSettle = ({ id }) =>
      id !== '1-0'
        ? Promise.resolve()
        : new Promise((resolve) => {
            acknowledge = resolve;
          });
    bench.source.add(someRecords(3));
    const running = bench.start();
    await bench.clock.advance(9_000);
    expect(await bench.route.check()).toEqual({ state: 'up' });
    const second = bench.source.add(someRecords(3));
    await bench.clock.advance(31_000);

    expect(bench.source.settled).toEqual([second]);
    expect(await bench.route.check()).toEqual({
      state: 'up',
      problem: '1 range delivered and, for 40 s, not acknowledged by Redis',
    });
    expect(bench.metrics.gauges.get('sluice_unacknowledged_ranges TEST')).toBe(1);
    acknowledge();
    await bench.clock.advance(1_000);
    expect(await bench.route.check()).toEqual({ state: 'up' });
    await stopped(bench, running);
  });
});
