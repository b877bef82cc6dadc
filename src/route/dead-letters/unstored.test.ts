/** Redis refuses a dead letter: its record stays in Redis, unanswered, and everything else goes on. */
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { settled } from '../../lib/fake-clock.testing.ts';
import { bytes } from '../../lib/units.ts';
import { Delivery } from '../../pump/delivery.ts';
import { delivered, reject } from '../../pump/verdict.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { recordCost } from '../item.ts';
import { RouteBench, said, stopped } from '../testing/bench.testing.ts';
import { FakeSink, failure } from '../testing/fake-sink.testing.ts';
import { aFakeRecord, aLetter, aList, someRecords } from '../testing/parts.testing.ts';

/** Rejects the records of a code, takes the others. */
const strictSink = (): FakeSink =>
  new FakeSink((batch) =>
    Promise.resolve(
      Delivery.each(batch, ({ record }) =>
        record.integer('response_code') === 400 ? reject(failure('invalid')) : delivered(),
      ),
    ),
  );

const bad = (size = 100): AnalyticsRecord => aFakeRecord({ code: 400, size });
const mixed = (): AnalyticsRecord[] => [...someRecords(4), bad()];
const [broken, sound] = [aList('A'), aList('B')];

describe('a dead letter that cannot be stored', () => {
  it('leaves its range in Redis, and lets other ranges and lists go on', async () => {
    const bench = new RouteBench(strictSink());
    bench.letters.refuses = (_, list) => list === 'A';
    const stuck = bench.source.add(mixed(), { list: broken });
    const others = [
      bench.source.add(mixed(), { list: sound }),
      bench.source.add(someRecords(5), { list: broken }),
    ];
    const running = bench.start();
    await bench.clock.advance(60_000);

    expect(bench.source.settled).toEqual(others);
    expect([bench.records('delivered'), bench.records('rejected')]).toEqual([13, 1]);
    expect([...bench.letters.letters.keys()]).toEqual([`TEST ${others[0]}:4`]);
    await stopped(bench, running);
    expect(bench.source.released).toEqual([stuck]);
  });

  it('is stored as soon as Redis takes it, and only then is its record answered for', async () => {
    const bench = new RouteBench(strictSink());
    bench.letters.refuses = () => true;
    const id = bench.source.add(mixed());
    const running = bench.start();
    await bench.clock.advance(10 * 60_000);
    expect(bench.source.settled).toEqual([]);
    bench.letters.refuses = () => false;
    await bench.clock.advance(30_000);

    expect(bench.letters.letters.get(`TEST ${id}:4`)).toMatchObject({
      kind: 'invalid',
      reason: 'it is invalid',
      attempts: 1,
      bytes: bad().bytes,
    });
    expect(bench.source.settled).toEqual([id]);
    expect(bench.records('rejected')).toBe(1);
    await stopped(bench, running);
  });

  it('holds up no other letter of its batch', async () => {
    const bench = new RouteBench(strictSink(), { limits: { records: 500, bytes: bytes(1e6) } });
    bench.letters.refuses = ({ bytes: { length } }) => length === 101;
    const records = Array.from({ length: 499 }, (_, at) => bad(at === 321 ? 101 : 100));
    bench.source.add([...records, aFakeRecord()]);
    const running = bench.start();
    await bench.clock.advance(1_000);

    expect(bench.letters.letters.size).toBe(498);
    expect(bench.letters.letters.has('TEST 1-0:321')).toBe(false);
    await stopped(bench, running);
  });

  it('does not make Redis refuse for ever faster', async () => {
    const bench = new RouteBench(strictSink());
    bench.letters.refuses = () => true;
    for (let range = 0; range < 20; range++) bench.source.add(mixed(), { list: broken });
    const running = bench.start();
    await bench.clock.advance(60_000);
    const before = bench.letters.puts;
    await bench.clock.advance(600_000);

    expect(bench.letters.puts - before).toBeLessThanOrEqual(21 * 16);
    await stopped(bench, running);
  });

  it('keeps little of its record in memory', async () => {
    const bench = new RouteBench(strictSink());
    bench.letters.refuses = () => true;
    bench.source.add([bad(9_000)]);
    const running = bench.start();
    await bench.clock.advance(1_000);

    expect(bench.heldBytes).toBe(recordCost);
    bench.letters.refuses = () => false;
    await bench.clock.advance(30_000);
    expect(bench.heldBytes).toBe(0);
    await stopped(bench, running);
  });

  it('may be of elements that are no record: what is beside them and behind them goes on', async () => {
    const bench = new RouteBench();
    bench.letters.refuses = () => true;
    const first = bench.source.add([aFakeRecord(), undefined, aFakeRecord(), undefined]);
    const second = bench.source.add(someRecords(3));
    const running = bench.start();
    await bench.clock.advance(60_000);
    expect(bench.records('delivered')).toBe(5);
    expect(bench.source.settled).toEqual([second]);
    bench.letters.refuses = () => false;
    await bench.clock.advance(30_000);

    expect([...bench.letters.letters.keys()]).toEqual([
      `undecodable ${first}:1`,
      `undecodable ${first}:3`,
    ]);
    expect(bench.source.settled).toEqual([second, first]);
    expect(bench.records('rejected')).toBe(2);
    expect(bench.heldBytes).toBe(0);
    await stopped(bench, running);
  });

  it('is said: in the log once a minute, in the health of the route, in a metric', async () => {
    const log = memoryLog();
    const bench = new RouteBench(strictSink(), { log });
    bench.letters.refuses = () => true;
    bench.source.add(mixed(), { list: broken });
    const running = bench.start();
    await bench.clock.advance(30_000);

    const error = 'WRONGTYPE Operation against a key holding the wrong kind of value';
    const errors = { ...log, lines: log.lines.filter(({ level }) => level === 'error') };
    expect(said(errors, 'Dead letters cannot be stored')).toEqual([
      { waiting: 1, list: 'A', reason: error },
    ]);
    expect(await bench.route.check()).toEqual({
      state: 'up',
      problem: `1 record waits in Redis, whose dead letters cannot be stored: ${error}`,
    });
    expect(bench.metrics.gauges.get('sluice_dead_letters_unstored TEST')).toBe(1);
    bench.letters.refuses = () => false;
    await bench.clock.advance(30_000);
    expect(await bench.route.check()).toEqual({ state: 'up' });
    expect(bench.metrics.gauges.get('sluice_dead_letters_unstored TEST')).toBe(0);
    expect(bench.metrics.gauges.get('sluice_in_flight_bytes TEST')).toBe(0);
    await stopped(bench, running);
  });

  it('does not delay a stop', async () => {
    const bench = new RouteBench(strictSink());
    bench.letters.refuses = () => true;
    bench.source.add(mixed());
    bench.letters.asked = [aLetter()];
    const running = bench.start();
    await bench.clock.advance(20_000);
    bench.stop.abort();
    await settled();
    await bench.clock.advance(1_000);

    expect(await running).toEqual({ unsettled: 1 });
  });

  it('is forgotten when another instance has answered for its range', async () => {
    const bench = new RouteBench(strictSink());
    bench.letters.refuses = () => true;
    const id = bench.source.add(mixed());
    const running = bench.start();
    await bench.clock.advance(5_000);
    bench.source.vanish(id);
    bench.source.takenOver.add(id);
    await bench.clock.advance(60_000);

    expect(bench.records('vanished')).toBe(0);
    expect(bench.heldBytes).toBe(0);
    expect(await bench.route.check()).toEqual({ state: 'up' });
    await stopped(bench, running);
  });

  it('is lost with its record where that is lost, and counted so', async () => {
    const bench = new RouteBench(strictSink());
    bench.letters.refuses = () => true;
    const id = bench.source.add(mixed());
    const running = bench.start();
    await bench.clock.advance(5_000);
    bench.source.vanish(id);
    await bench.clock.advance(60_000);

    expect(bench.records('vanished')).toBe(1);
    expect(bench.source.settled).toEqual([id]);
    await stopped(bench, running);
  });
});
