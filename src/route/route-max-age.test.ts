/** `max_age`: what is too old when its turn comes is left out, and answered for. */
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { millis } from '../lib/units.ts';
import type { RecordFields } from '../record/encode/record-fields.ts';
import { msgpackDecoder } from '../record/msgpack/decoder.ts';
import { aRecord, decodeRecord } from '../record/testing.ts';
import { RouteBench, said, stopped } from './testing/bench.testing.ts';
import { FakeSink, retrying } from './testing/fake-sink.testing.ts';
import { aLetter, aList, aPumpEntry } from './testing/parts.testing.ts';

const minute = 60_000;
const list = { ...aList(), decoder: msgpackDecoder };

function routeOf(overrides: Parameters<typeof aPumpEntry>[0] = {}) {
  const [sink, log] = [new FakeSink(), memoryLog()];
  const entry = aPumpEntry({ maxAge: millis(minute), ...overrides });
  const bench = new RouteBench(sink, { entry, log, lists: [list] });
  const born = (ago: number): NonNullable<RecordFields['timestamp']> => {
    const at = bench.clock.now() - ago;
    return { seconds: Math.floor(at / 1000), nanos: (at % 1000) * 1_000_000 };
  };
  const paths = (): readonly string[] => sink.seen.map((seen) => decodeRecord(seen).text('path'));
  return { bench, sink, log, born, paths };
}

describe('max_age', () => {
  it('leaves out what is older, by its own time, and says so once', async () => {
    const { bench, log, born, paths } = routeOf();
    bench.source.add([
      aRecord({ path: '/old', timestamp: born(minute + 1) }),
      aRecord({ path: '/young', timestamp: born(minute - 500) }),
      aRecord({ path: '/ahead', timestamp: born(-minute) }),
    ]);
    bench.source.add([aRecord({ path: '/older', timestamp: born(5 * minute) })]);
    const running = bench.start();
    await bench.clock.advance(200);
    expect(paths()).toEqual(['/young', '/ahead']);
    await stopped(bench, running);

    expect(bench.source.settled).toHaveLength(2);
    expect(bench.source.tallies).toContainEqual(
      expect.objectContaining({ delivered: 2, filtered: 1, stale: 1 }),
    );
    expect(['stale', 'filtered', 'delivered'].map((each) => bench.records(each))).toEqual([
      2, 0, 2,
    ]);
    const lines = said(log, 'Records were too old to be sent');
    expect(lines[0]).toMatchObject({ records: 1, reason: 'older than max_age' });
    expect(log.lines.filter(({ level }) => level === 'warn').length).toBeLessThan(3);
  });

  it('leaves out what has become too old while the sink was away, and does not send it again', async () => {
    const { bench, sink, born } = routeOf();
    sink.answer = retrying('unreachable');
    bench.source.add(
      [
        aRecord({ path: '/old', timestamp: born(minute - 5_000) }),
        aRecord({ path: '/young', timestamp: born(0) }),
      ],
      { list },
    );
    const running = bench.start();
    await bench.clock.advance(20_000);
    expect(bench.records('stale') + bench.records('delivered')).toBeLessThan(2);
    sink.answer = new FakeSink().answer;
    await bench.clock.advance(35_000);
    await stopped(bench, running);

    expect([bench.records('stale'), bench.records('delivered')]).toEqual([1, 1]);
    expect(bench.source.tallies).toEqual([
      expect.objectContaining({ delivered: 1, filtered: 1, stale: 1, rejected: 0 }),
    ]);
    expect(bench.heldBytes).toBe(0);
  });

  it('sends what an operator wants again, however old it is', async () => {
    const { bench, born, paths } = routeOf();
    const old = aRecord({ path: '/again', timestamp: born(5 * minute) });
    bench.source.add([old], { isAgain: true });
    bench.letters.asked.push(
      aLetter({ bytes: aRecord({ path: '/letter', timestamp: born(5 * minute) }).bytes }),
    );
    const running = bench.start();
    await bench.clock.advance(10_000);
    await stopped(bench, running);
    expect([...paths()].toSorted()).toEqual(['/again', '/letter']);
    expect(bench.records('stale')).toBe(0);
  });

  it('knows the time that an edit empties, and takes the claim’s where there is none', async () => {
    const { bench, born, paths } = routeOf({ ignoreFields: ['timestamp'] });
    const now = bench.clock.now();
    const none = { seconds: 0 };
    bench.source.add(
      [
        aRecord({ path: '/old', timestamp: born(5 * minute) }),
        aRecord({ path: '/young', timestamp: born(1000) }),
        aRecord({ path: '/timeless', timestamp: none }),
      ],
      { claimedAt: now },
    );
    bench.source.add([aRecord({ path: '/forgotten', timestamp: none })], {
      claimedAt: now - 2 * minute,
    });
    const running = bench.start();
    await bench.clock.advance(200);
    await stopped(bench, running);
    expect(paths()).toEqual(['/young', '/timeless']);
    expect(bench.records('stale')).toBe(2);
  });

  it('is nobody’s business where it is not set', async () => {
    const bench = new RouteBench();
    bench.source.add([aRecord({ timestamp: { seconds: 1 } })]);
    const running = bench.start();
    await bench.clock.advance(200);
    await stopped(bench, running);
    expect([bench.records('stale'), bench.records('delivered')]).toEqual([0, 1]);
  });
});
