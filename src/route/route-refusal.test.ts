/** A sink that refuses everything: most of it waits, instead of becoming dead letters one by one. */
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { settled } from '../lib/fake-clock.testing.ts';
import { bytes } from '../lib/units.ts';
import type { Entry } from '../pump/batch.ts';
import { recordIdOf } from '../pump/batch.ts';
import { Delivery } from '../pump/delivery.ts';
import { delivered, type FailureKind, reject, retry, type Verdict } from '../pump/verdict.ts';
import { RouteBench, said, stopped } from './testing/bench.testing.ts';
import { FakeSink, failure } from './testing/fake-sink.testing.ts';
import { aFakeRecord, aLetter, aPumpEntry, someRecords } from './testing/parts.testing.ts';

/** Answers for each record. */
const sinkOf = (judge: (entry: Entry) => Verdict): FakeSink =>
  new FakeSink((batch) => Promise.resolve(Delivery.each(batch, judge)));

/** Refuses the request for one record that it does not like. */
const wholesaleSink = (kind: FailureKind, likes: (entry: Entry) => boolean): FakeSink =>
  new FakeSink((batch) => {
    const isLiked = batch.entries.every((entry) => likes(entry));
    return Promise.resolve(Delivery.whole(batch, isLiked ? delivered() : reject(failure(kind))));
  });

const refusing = (): FakeSink => sinkOf(() => reject(failure('invalid')));
/** Told by their size, which they keep however often they are decoded. */
const isGood = ({ record }: Entry): boolean => record.bytes.length !== 77;
const good = (count: number) => someRecords(count);
const bad = (count: number) => someRecords(count, { size: 77 });
const limits = { records: 200, bytes: bytes(1_000_000), inFlight: 2 };

describe('a sink that refuses everything', () => {
  it.each<[string, () => FakeSink]>([
    ['each record', refusing],
    ['requests, as invalid', () => wholesaleSink('invalid', () => false)],
    ['requests, as too large', () => wholesaleSink('oversize', () => false)],
    [
      'requests, as too large, to be split',
      () =>
        new FakeSink((batch) => Promise.resolve(Delivery.whole(batch, retry(failure('oversize'))))),
    ],
  ])(
    'makes a hundred dead letters; the others wait and are delivered later: %s',
    async (_, sink) => {
      const bench = new RouteBench(sink(), { limits });
      for (let range = 0; range < 6; range++) bench.source.add(good(100));
      const running = bench.start();
      await bench.clock.advance(60_000);
      const asked = bench.sink.batches.length;
      await bench.clock.advance(600_000);

      expect(bench.letters.letters.size).toBe(100);
      expect(asked).toBeLessThan(450);
      // One record at a time, once per longest back-off.
      expect(bench.sink.batches.length - asked).toBeLessThanOrEqual(21);
      expect(new Set(bench.sink.sizes.slice(asked))).toEqual(new Set([1]));
      bench.sink.answer = (batch) => Promise.resolve(Delivery.whole(batch, delivered()));
      await bench.clock.advance(120_000);
      expect(bench.letters.letters.size).toBe(100);
      expect(bench.records('delivered')).toBe(500);
      expect(bench.source.settled).toHaveLength(6);
      await stopped(bench, running);
    },
  );

  it('is noticed as well when it took everything before', async () => {
    const bench = new RouteBench(undefined, { limits });
    bench.source.add(good(1_000));
    const running = bench.start();
    await bench.clock.advance(5_000);
    bench.sink.answer = refusing().answer;
    for (let range = 0; range < 6; range++) bench.source.add(good(100));
    await bench.clock.advance(60_000);

    expect([bench.records('delivered'), bench.letters.letters.size]).toEqual([1_000, 100]);
    await stopped(bench, running);
  });

  it('is said: an error, the health of the route, metrics', async () => {
    const log = memoryLog();
    const bench = new RouteBench(refusing(), { limits, log });
    bench.source.add(good(600));
    const running = bench.start();
    await bench.clock.advance(60_000);

    expect(said(log, 'The sink refuses every record')).toEqual([
      { rejected: 100, kind: 'invalid', reason: 'it is invalid' },
    ]);
    expect(await bench.route.check()).toEqual({
      state: 'down',
      reason: 'every record is refused: it is invalid',
    });
    expect(bench.metrics.gauges.get('sluice_route_up TEST')).toBe(0);
    expect(bench.metrics.gauges.get('sluice_route_breaker_state TEST')).toBe(2);
    await stopped(bench, running);
  });

  it('makes dead letters of everything where the operator says so', async () => {
    const deliveryChanges = { atRefusal: 'reject' } as const;
    const bench = new RouteBench(refusing(), { limits, deliveryChanges });
    bench.source.add(good(600));
    const running = bench.start();
    await settled();

    expect(bench.letters.letters.size).toBe(600);
    await stopped(bench, running);
  });

  it('does not delay a stop', async () => {
    const bench = new RouteBench(refusing(), { limits });
    const id = bench.source.add(good(600));
    const running = bench.start();
    await bench.clock.advance(60_000);
    bench.stop.abort();
    await bench.clock.advance(0);

    expect(await running).toEqual({ unsettled: 1 });
    expect(bench.source.released).toEqual([id]);
  });
});

describe('a sink that refuses some', () => {
  it('is never taken for one that refuses everything', async () => {
    const log = memoryLog();
    const bench = new RouteBench(
      sinkOf((entry) => (isGood(entry) ? delivered() : reject(failure('invalid')))),
      { limits, log },
    );
    for (let range = 0; range < 100; range++) bench.source.add([...bad(99), ...good(1)]);
    const running = bench.start();
    await bench.clock.advance(1_000);

    expect([bench.records('delivered'), bench.letters.letters.size]).toEqual([100, 9_900]);
    expect(said(log, 'The sink refuses every record')).toEqual([]);
    await stopped(bench, running);
  });

  it.each<[string, FakeSink]>([
    ['each', sinkOf((entry) => (isGood(entry) ? delivered() : reject(failure('invalid'))))],
    ['requests', wholesaleSink('invalid', isGood)],
  ])('gets through a long run of bad records among good ones: %s', async (_, sink) => {
    const bench = new RouteBench(sink, { limits });
    const running = bench.start();
    bench.source.add(good(300));
    await bench.clock.advance(1_000);
    bench.source.add(bad(1_000));
    for (let second = 0; second < 300; second++) {
      bench.source.add(good(10));
      await bench.clock.advance(1_000);
    }

    expect([bench.records('delivered'), bench.letters.letters.size]).toEqual([3_300, 1_000]);
    await stopped(bench, running);
  });

  it('is let go by one good record also where each request has a bad one', async () => {
    const bench = new RouteBench(wholesaleSink('invalid', isGood), { limits });
    const running = bench.start();
    bench.source.add(bad(300));
    await bench.clock.advance(60_000);
    const before = bench.letters.letters.size;
    for (let range = 0; range < 20; range++)
      bench.source.add([...good(50), ...bad(1), ...good(49)]);
    await bench.clock.advance(300_000);
    bench.source.add(good(20));
    await bench.clock.advance(300_000);

    expect(before).toBe(100);
    expect([bench.records('delivered'), bench.letters.letters.size]).toEqual([2_000, 320]);
    await stopped(bench, running);
  });
});

describe('what says nothing about the sink', () => {
  it('are elements that are no record, and records that are filtered', async () => {
    const log = memoryLog();
    const filters = { ...aPumpEntry().filters, skipApiIds: ['noisy'] };
    const sink = refusing();
    const bench = new RouteBench(sink, { limits, log, entry: aPumpEntry({ filters }) });
    bench.source.add(Array.from({ length: 300 }, () => undefined));
    bench.source.add(someRecords(300, { apiId: 'noisy' }));
    bench.source.add([aFakeRecord()]);
    const running = bench.start();
    await bench.clock.advance(60_000);

    expect(bench.letters.letters.size).toBe(301);
    expect(said(log, 'The sink refuses every record')).toEqual([]);
    await stopped(bench, running);
  });

  it('are dead letters that are refused once more', async () => {
    const log = memoryLog();
    const bench = new RouteBench(refusing(), { limits, log });
    const running = bench.start();
    await settled();
    bench.letters.asked = Array.from({ length: 300 }, (__, at) =>
      aLetter({ id: recordIdOf('0-1', at) }),
    );
    await bench.clock.advance(10_000);

    expect(bench.letters.letters.size).toBe(300);
    expect(said(log, 'The sink refuses every record')).toEqual([]);
    await stopped(bench, running);
  });
});
