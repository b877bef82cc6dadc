import { describe, expect, it } from 'vitest';
import type { BatchTrace } from '../../lib/batch-trace.ts';
import { settled } from '../../lib/fake-clock.testing.ts';
import { Delivery } from '../../pump/delivery.ts';
import { delivered, retry } from '../../pump/verdict.ts';
import { RouteBench, stopped } from '../testing/bench.testing.ts';
import { FakeSink, hanging } from '../testing/fake-sink.testing.ts';
import { someRecords } from '../testing/parts.testing.ts';

function aBench(sink = new FakeSink(), ratio = 1) {
  const traces: BatchTrace[] = [];
  const tracing = { ratio, traced: (trace: BatchTrace) => traces.push(trace) };
  const bench = new RouteBench(sink, { tracing });
  bench.clock.chance = () => 0;
  return { bench, traces };
}

const namesOf = ({ steps }: BatchTrace): readonly string[] => steps.map(({ name }) => name);

describe('a batch that is followed', () => {
  it('is told with every step from its claim to its settling', async () => {
    const { bench, traces } = aBench();
    bench.source.add(someRecords(3));
    const running = bench.start();
    await settled();
    await stopped(bench, running);

    expect(traces.map(namesOf)).toEqual([['claim', 'read', 'edit', 'deliver', 'settle']]);
    const [{ whole, steps } = { whole: undefined, steps: [] }] = traces;
    expect(whole).toMatchObject({
      name: 'batch',
      attributes: {
        ...{ 'sluice.route': 'TEST', 'sluice.records': 3, 'sluice.ranges': 1 },
        ...{ 'sluice.attempts': 1, 'sluice.delivered': 3, 'sluice.unsettled_ranges': 0 },
      },
    });
    expect(whole).not.toHaveProperty('failure');
    for (const { from, to } of steps) {
      expect(from).toBeGreaterThanOrEqual(whole?.from ?? 0);
      expect(to).toBeLessThanOrEqual(whole?.to ?? 0);
    }
  });

  it('is one of two where records of a range go in two, and both wait for the range', async () => {
    const { bench, traces } = aBench();
    bench.source.add(someRecords(15));
    const running = bench.start();
    await settled();
    await stopped(bench, running);

    expect(traces.map(({ whole }) => whole.attributes['sluice.records'])).toEqual([10, 5]);
    for (const trace of traces) expect(namesOf(trace)).toContain('settle');
  });

  it('has each attempt, with why it failed', async () => {
    let attempts = 0;
    const sink = new FakeSink((batch) => {
      attempts += 1;
      const failure = { kind: 'throttled', message: 'come back later' } as const;
      if (attempts === 1) return Promise.resolve(Delivery.whole(batch, retry(failure)));
      return Promise.resolve(Delivery.whole(batch, delivered()));
    });
    const { bench, traces } = aBench(sink);
    bench.source.add(someRecords(2));
    const running = bench.start();
    await bench.clock.advance(10_000);
    await stopped(bench, running);

    const deliveries = traces.flatMap(({ steps }) =>
      steps.filter(({ name }) => name === 'deliver'),
    );
    expect(traces).toHaveLength(1);
    expect(deliveries).toMatchObject([
      {
        attributes: { 'sluice.attempt': 1, 'sluice.delivered': 0, 'sluice.retried': 2 },
        failure: { kind: 'throttled', message: 'come back later' },
      },
      { attributes: { 'sluice.attempt': 2, 'sluice.delivered': 2, 'sluice.retried': 0 } },
    ]);
    expect(deliveries[1]).not.toHaveProperty('failure');
  });

  it('is told as it is when its route ends', async () => {
    const { bench, traces } = aBench(new FakeSink(hanging));
    bench.source.add(someRecords(2));
    const running = bench.start();
    await settled();
    expect(traces).toEqual([]);
    bench.abandon.abort();
    await stopped(bench, running);

    expect(traces).toHaveLength(1);
    expect(traces[0]?.whole.attributes).toMatchObject({
      'sluice.unsettled_ranges': 1,
      'sluice.delivered': 0,
    });
  });

  it.each([
    [0, 0],
    [0.5, 0],
    [0.51, 3],
  ])('is one of a share of all: with %d there are %d', async (ratio, count) => {
    const { bench, traces } = aBench(new FakeSink(), ratio);
    bench.clock.chance = () => 0.5;
    bench.source.add(someRecords(25));
    const running = bench.start();
    await settled();
    await stopped(bench, running);

    expect(traces).toHaveLength(count);
  });

  it('holds nothing of a record', async () => {
    const { bench, traces } = aBench();
    const secret = 'nobody-may-know';
    bench.source.add(someRecords(3).map((record) => ({ ...record, path: `/${secret}` })));
    const running = bench.start();
    await settled();
    await stopped(bench, running);

    expect(traces).toHaveLength(1);
    expect(JSON.stringify(traces)).not.toContain(secret);
  });
});
