/** A sink that asks for a pause (`Retry-After`): its word counts, but not for longer than the operator allows. */
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { seconds } from '../lib/units.ts';
import type { Batch } from '../pump/batch.ts';
import { Delivery } from '../pump/delivery.ts';
import { delivered, type FailureKind, retry, type Verdict } from '../pump/verdict.ts';
import { RouteBench, said, stopped } from './testing/bench.testing.ts';
import { FakeSink, failure } from './testing/fake-sink.testing.ts';
import { someRecords } from './testing/parts.testing.ts';

const anHour = seconds(3600);
const whole = (verdict: Verdict) => (batch: Batch) =>
  Promise.resolve(Delivery.whole(batch, verdict));

/** Refuses the first batch with a wish to be left alone for an hour, and takes everything else. */
const asksOnce = (kind: FailureKind = 'throttled'): FakeSink => {
  const sink: FakeSink = new FakeSink((batch) => {
    const isFirst = sink.batches.length === 1;
    return whole(isFirst ? retry(failure(kind), anHour) : delivered())(batch);
  });
  return sink;
};

describe('a pause that the sink asks for', () => {
  it.each<FailureKind>(['throttled', 'unreachable'])(
    'ends after a minute at the latest: %s',
    async (kind) => {
      const bench = new RouteBench(asksOnce(kind));
      const id = bench.source.add(someRecords(3));
      const running = bench.start();
      await bench.clock.advance(59_999);
      expect(bench.sink.sizes).toEqual([3]);
      await bench.clock.advance(1);

      expect(bench.sink.sizes).toEqual([3, 3]);
      expect(bench.source.settled).toEqual([id]);
      await stopped(bench, running);
    },
  );

  it('holds back a sink that is out of order for a minute at the latest, too', async () => {
    const sink = new FakeSink(whole(retry(failure('unreachable'), anHour)));
    const bench = new RouteBench(sink, { limits: { inFlight: 4 } });
    for (let range = 0; range < 4; range++) bench.source.add(someRecords(10));
    const running = bench.start();
    await bench.clock.advance(1);
    const before = sink.batches.length;
    await bench.clock.advance(180_000);

    expect(before).toBeGreaterThanOrEqual(2);
    expect(sink.batches.length).toBeGreaterThanOrEqual(before + 3);
    await stopped(bench, running);
  });

  it('ends as soon as a later batch shows that the sink takes records', async () => {
    const bench = new RouteBench(asksOnce());
    bench.source.add(someRecords(3));
    const running = bench.start();
    await bench.clock.advance(5_000);
    expect(bench.records('delivered')).toBe(0);
    bench.source.add(someRecords(2));
    await bench.clock.advance(1_000);

    expect(bench.sink.sizes).toEqual([3, 2, 3]);
    expect(bench.records('delivered')).toBe(5);
    await stopped(bench, running);
  });

  it('does not end by the answer to an older batch', async () => {
    let answerLate = (): void => undefined;
    const sink = new FakeSink((batch) => {
      if (sink.batches.length === 1)
        return new Promise((resolve) => {
          answerLate = () => resolve(Delivery.whole(batch, delivered()));
        });
      return whole(retry(failure('throttled'), anHour))(batch);
    });
    const bench = new RouteBench(sink);
    bench.source.add(someRecords(10));
    bench.source.add(someRecords(10));
    const running = bench.start();
    await bench.clock.advance(1_000);
    answerLate();
    await bench.clock.advance(10_000);

    expect(sink.sizes).toEqual([10, 10]);
    await stopped(bench, running);
  });

  it('goes on in full for a record that the sink refused beside others', async () => {
    const sink = new FakeSink((batch) =>
      Promise.resolve(
        Delivery.each(batch, ({ id }) =>
          id === '1-0:0' ? retry(failure('throttled'), seconds(20)) : delivered(),
        ),
      ),
    );
    const bench = new RouteBench(sink);
    bench.source.add(someRecords(10));
    const running = bench.start();
    await bench.clock.advance(1_000);
    bench.source.add(someRecords(10));
    await bench.clock.advance(18_000);

    expect(sink.sizes).toEqual([10, 10]);
    await stopped(bench, running);
  });

  it('is said in the log, once a minute, and in the health of the route, with its end', async () => {
    const log = memoryLog();
    const bench = new RouteBench(asksOnce(), { log });
    const begun = bench.clock.now();
    bench.source.add(someRecords(3));
    const running = bench.start();
    await bench.clock.advance(1_000);

    const until = new Date(begun + 60_000).toISOString();
    expect(said(log, 'The sink asked for a pause')).toEqual([
      { records: 3, asked: '3600s', until, reason: 'it is throttled' },
    ]);
    const during = await bench.route.check();
    expect(during.state).toBe('up');
    expect(during.problem).toBe(
      `3 records wait until ${until} at the latest, because the sink asked for a pause`,
    );
    expect(bench.metrics.gauges.get('sluice_paused_records TEST')).toBe(3);
    await bench.clock.advance(60_000);
    expect(await bench.route.check()).toEqual({ state: 'up' });
    expect(bench.metrics.gauges.get('sluice_paused_records TEST')).toBe(0);
    await stopped(bench, running);
  });

  it('is as long as the operator allows', async () => {
    const deliveryChanges = { longestPause: seconds(7200) };
    const bench = new RouteBench(asksOnce(), { deliveryChanges });
    bench.source.add(someRecords(3));
    const running = bench.start();
    await bench.clock.advance(3_599_000);
    expect(bench.sink.sizes).toEqual([3]);
    await bench.clock.advance(1_000);

    expect(bench.sink.sizes).toEqual([3, 3]);
    await stopped(bench, running);
  });
});
