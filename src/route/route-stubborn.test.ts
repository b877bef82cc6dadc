/** One record that a working sink never takes holds up itself alone, and not for ever. */
import { describe, expect, it } from 'vitest';
import { type MemoryLog, memoryLog } from '../../test/services/memory-log.ts';
import { type Millis, seconds } from '../lib/units.ts';
import type { Batch } from '../pump/batch.ts';
import { Delivery } from '../pump/delivery.ts';
import { delivered, type FailureKind, retry, type Verdict } from '../pump/verdict.ts';
import { RouteBench, said, stopped } from './testing/bench.testing.ts';
import { FakeSink, failure } from './testing/fake-sink.testing.ts';
import { someRecords } from './testing/parts.testing.ts';

const poison = '1-0:6';
const holdsPoison = (batch: Batch): boolean => batch.entries.some(({ id }) => id === poison);
const whole = (batch: Batch, verdict: Verdict) => Promise.resolve(Delivery.whole(batch, verdict));

/** Refuses each request with the poisoned record in it. */
const sinkThatChokes = (kind: FailureKind): FakeSink =>
  new FakeSink((batch) => whole(batch, holdsPoison(batch) ? retry(failure(kind)) : delivered()));

const benchOf = (
  sink: FakeSink,
  changes: { giveUpAttempts?: number; giveUpAge?: Millis; log?: MemoryLog } = {},
) => {
  const { log, ...delivery } = changes;
  return new RouteBench(sink, { ...(log === undefined ? {} : { log }), deliveryChanges: delivery });
};

/** Ten records a second for so many seconds. */
async function traffic(bench: RouteBench, duration: number): Promise<void> {
  for (let second = 0; second < duration; second++) {
    bench.source.add(someRecords(10));
    await bench.clock.advance(1_000);
  }
}

describe('a record that a working sink never takes', () => {
  it.each<[FailureKind, number]>([
    ['unexpected', 600],
    ['invalid', 600],
    ['unreachable', 700],
    ['throttled', 700],
    ['unauthorised', 700],
    ['timeout', 700],
  ])('is a dead letter in the end, and nothing else is: %s', async (kind, duration) => {
    const bench = benchOf(sinkThatChokes(kind), { giveUpAge: seconds(600) });
    const running = bench.start();
    await traffic(bench, duration);

    expect([...bench.letters.letters.keys()]).toEqual([`TEST ${poison}`]);
    expect(bench.letters.letters.get(`TEST ${poison}`)).toMatchObject({ kind });
    expect(bench.letters.letters.get(`TEST ${poison}`)?.reason).toMatch(
      /^it is \w+ \(given up after \d+ attempts, while the sink took other records\)$/,
    );
    expect([bench.records('delivered'), bench.records('rejected')]).toEqual([duration * 10 - 1, 1]);
    expect(bench.source.settled).toHaveLength(duration);
    await stopped(bench, running);
  });

  it('is tried alone before it is given up, also where the sink answers for each record', async () => {
    const sink = new FakeSink((batch) =>
      Promise.resolve(
        Delivery.each(batch, ({ id }) =>
          id === poison ? retry(failure('unexpected')) : delivered(),
        ),
      ),
    );
    const bench = benchOf(sink);
    const running = bench.start();
    await traffic(bench, 600);

    expect([...bench.letters.letters.keys()]).toEqual([`TEST ${poison}`]);
    expect(sink.batches.filter(holdsPoison).at(-1)?.size).toBe(1);
    await stopped(bench, running);
  });

  it.each([1, 47, 600])(
    'delays no other record, though one comes every %i seconds',
    async (gap) => {
      const sink = sinkThatChokes('unreachable');
      const bench = benchOf(sink, { giveUpAttempts: 0 });
      const running = bench.start();
      await traffic(bench, 60);
      const delays: number[] = [];
      for (let time = 0; time < 30; time++) {
        await bench.clock.advance(gap * 1_000);
        const before = bench.records('delivered');
        bench.source.add(someRecords(1));
        let delay = 0;
        for (; bench.records('delivered') === before; delay += 10) await bench.clock.advance(10);
        delays.push(delay);
      }

      expect(Math.max(...delays)).toBeLessThanOrEqual(10);
      await stopped(bench, running);
    },
  );

  it('is never given up where the operator says so, nor where nothing else comes', async () => {
    const patient = benchOf(sinkThatChokes('unexpected'), { giveUpAttempts: 0 });
    const lonely = benchOf(sinkThatChokes('unexpected'));
    const running = [patient.start(), lonely.start()];
    lonely.source.add(someRecords(10));
    await traffic(patient, 600);
    await lonely.clock.advance(6 * 3_600_000);

    expect([patient.letters.letters.size, lonely.letters.letters.size]).toEqual([0, 0]);
    expect([patient.records('delivered'), lonely.records('delivered')]).toEqual([5_999, 9]);
    await stopped(patient, running[0]!);
    await stopped(lonely, running[1]!);
  });

  it('is said: in the log, in the health of the route, in a metric', async () => {
    const log = memoryLog();
    const bench = benchOf(sinkThatChokes('unexpected'), { log });
    const running = bench.start();
    await traffic(bench, 20);

    expect(said(log, 'Records are refused again and again')).toEqual([
      { records: 1, kind: 'unexpected', reason: 'it is unexpected' },
    ]);
    expect(await bench.route.check()).toEqual({
      state: 'up',
      problem:
        '1 record waits, refused again and again while the sink takes others: it is unexpected',
    });
    expect(bench.metrics.gauges.get('sluice_suspected_records TEST')).toBe(1);
    await traffic(bench, 600);
    expect(await bench.route.check()).toEqual({ state: 'up' });
    expect(bench.metrics.gauges.get('sluice_suspected_records TEST')).toBe(0);
    await stopped(bench, running);
  });
});

describe('a sink that is out of order', () => {
  it('is noticed also by the record alone that it did not take before', async () => {
    const sink = sinkThatChokes('unreachable');
    const bench = benchOf(sink, { giveUpAttempts: 0 });
    const running = bench.start();
    await traffic(bench, 60);
    expect(await bench.route.check()).toMatchObject({ state: 'up' });
    sink.answer = (batch) => whole(batch, retry(failure('unreachable')));
    await bench.clock.advance(120_000);

    expect(await bench.route.check()).toMatchObject({ state: 'down' });
    await stopped(bench, running);
  });

  it.each<FailureKind>(['unexpected', 'unreachable', 'throttled', 'timeout', 'unauthorised'])(
    'costs no record, however long it lasts: %s',
    async (kind) => {
      const sink = new FakeSink((batch) => whole(batch, retry(failure(kind))));
      const bench = benchOf(sink);
      const running = bench.start();
      await traffic(bench, 20);
      await bench.clock.advance(12 * 3_600_000);
      sink.answer = (batch) => whole(batch, delivered());
      await bench.clock.advance(600_000);

      expect(bench.letters.letters.size).toBe(0);
      expect(bench.records('delivered')).toBe(200);
      await stopped(bench, running);
    },
  );

  it('costs no record while it takes one batch of three', async () => {
    let turn = 0;
    const sink = new FakeSink((batch) =>
      whole(batch, turn++ % 3 === 0 ? delivered() : retry(failure('unexpected'))),
    );
    const bench = benchOf(sink);
    const running = bench.start();
    await traffic(bench, 1_200);
    sink.answer = (batch) => whole(batch, delivered());
    await bench.clock.advance(600_000);

    expect(bench.letters.letters.size).toBe(0);
    expect(bench.records('delivered')).toBe(12_000);
    await stopped(bench, running);
  });

  it('is no reason to give up what a sibling shard would take', async () => {
    let isAway = true;
    const sink = new FakeSink((batch) =>
      Promise.resolve(
        Delivery.each(batch, ({ id }) =>
          isAway && /[02468]$/.test(id) ? retry(failure('unreachable')) : delivered(),
        ),
      ),
    );
    const bench = benchOf(sink, { giveUpAge: seconds(60) });
    const running = bench.start();
    await traffic(bench, 400);
    isAway = false;
    await bench.clock.advance(600_000);

    expect(bench.letters.letters.size).toBe(0);
    expect(bench.records('delivered')).toBe(4_000);
    expect(bench.letters.letters.size).toBe(0);
    await stopped(bench, running);
  });
});
