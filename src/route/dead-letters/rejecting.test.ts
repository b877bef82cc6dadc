/** Records that a route cannot deliver: each becomes a dead letter, and may be asked for again. */
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { settled } from '../../lib/fake-clock.testing.ts';
import { Delivery } from '../../pump/delivery.ts';
import { delivered, reject } from '../../pump/verdict.ts';
import { RouteBench, stopped } from '../testing/bench.testing.ts';
import { FakeSink, failure } from '../testing/fake-sink.testing.ts';
import { aFakeRecord, aLetter, someRecords } from '../testing/parts.testing.ts';

describe('a route', () => {
  it('keeps what cannot be decoded as a dead letter and delivers the rest', async () => {
    const bench = new RouteBench();
    const id = bench.source.add([aFakeRecord(), undefined, aFakeRecord()]);
    const running = bench.start();
    await settled();

    expect([...bench.letters.letters.keys()]).toEqual([`undecodable ${id}:1`]);
    expect(bench.sink.batches[0]?.entries.map((entry) => entry.id)).toEqual([`${id}:0`, `${id}:2`]);
    expect(bench.source.settled).toEqual([id]);
    expect(bench.records('rejected')).toBe(1);
    await stopped(bench, running);
  });

  it('stores a rejected record before it settles the range', async () => {
    const sink = new FakeSink((batch) =>
      Promise.resolve(
        Delivery.each(batch, (_, index) =>
          index === 1 ? reject(failure('invalid')) : delivered(),
        ),
      ),
    );
    const bench = new RouteBench(sink);
    bench.letters.failures = 1;
    const id = bench.source.add(someRecords(3));
    const running = bench.start();
    await settled();
    expect(bench.source.settled).toEqual([]);
    await bench.clock.advance(100);

    const letter = bench.letters.letters.get(`TEST ${id}:1`);
    expect(letter).toMatchObject({ kind: 'invalid', reason: 'it is invalid', attempts: 1 });
    expect(bench.source.settled).toEqual([id]);
    expect([bench.records('delivered'), bench.records('rejected')]).toEqual([2, 1]);
    await stopped(bench, running);
  });

  it('isolates the record that makes a batch invalid', async () => {
    const sink = new FakeSink((batch) => {
      const isPoisoned = batch.entries.some(({ id }) => id.endsWith(':6'));
      const verdict = isPoisoned ? reject(failure('invalid')) : delivered();
      return Promise.resolve(Delivery.whole(batch, verdict));
    });
    const bench = new RouteBench(sink);
    const id = bench.source.add(someRecords(10));
    const running = bench.start();
    await settled();

    expect([...bench.letters.letters.keys()]).toEqual([`TEST ${id}:6`]);
    expect(bench.records('delivered')).toBe(9);
    expect(bench.source.settled).toEqual([id]);
    await stopped(bench, running);
  });

  it('redelivers a dead letter on request under its old id, then removes it', async () => {
    const bench = new RouteBench();
    const letter = aLetter();
    const running = bench.start();
    await settled();
    bench.letters.asked = [letter];
    await bench.clock.advance(5_000);

    expect(bench.sink.batches[0]?.entries[0].id).toBe(letter.id);
    expect(bench.letters.removed).toEqual([letter.id]);
    expect(bench.records('delivered')).toBe(0);
    await stopped(bench, running);
  });

  it('keeps a dead letter that is rejected again, with the new reason', async () => {
    const sink = new FakeSink((batch) =>
      Promise.resolve(Delivery.whole(batch, reject(failure('unauthorised')))),
    );
    const bench = new RouteBench(sink);
    const letter = aLetter({ attempts: 4 });
    const running = bench.start();
    await settled();
    bench.letters.asked = [letter];
    await bench.clock.advance(5_000);

    expect(bench.letters.letters.get(`TEST ${letter.id}`)).toMatchObject({
      reason: 'it is unauthorised',
      attempts: 5,
      firstAt: letter.firstAt,
    });
    await stopped(bench, running);
  });

  it('says of every rejected record that it was, in few lines, the last of them at the stop', async () => {
    const reasons = ['no number', 'too long', 'no date'];
    const sink = new FakeSink((batch) =>
      Promise.resolve(
        Delivery.each(batch, (_, index) =>
          index % 5 === 0
            ? delivered()
            : reject({ kind: 'invalid', message: reasons[index % reasons.length] ?? '' }),
        ),
      ),
    );
    const log = memoryLog();
    const bench = new RouteBench(sink, { log });
    const running = bench.start();
    for (let range = 0; range < 30; range++) {
      bench.source.add(someRecords(20));
      await bench.clock.advance(range === 20 ? 70_000 : 500);
    }
    await stopped(bench, running);

    const errors = log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields);
    expect(bench.records('rejected')).toBe(30 * 16);
    expect(errors.reduce((sum, { records }) => sum + Number(records), 0)).toBe(30 * 16);
    expect(errors.length).toBeLessThan(5);
    const summed = errors.flatMap(({ reasons: some }) => Object.keys(some ?? {}));
    expect(new Set(summed)).toEqual(new Set(reasons));
  });
});
