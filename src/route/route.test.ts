import { describe, expect, it } from 'vitest';
import { ContractError } from '../lib/errors.ts';
import { settled } from '../lib/fake-clock.ts';
import { bytes, millis, seconds } from '../lib/units.ts';
import { Delivery } from '../pump/delivery.ts';
import { delivered, type FailureKind, reject, retry } from '../pump/verdict.ts';
import { msgpackDecoder } from '../record/msgpack/decoder.ts';
import { aRecord } from '../record/testing.ts';
import {
  aFakeRecord,
  aLetter,
  aPumpEntry,
  type Deliver,
  FakeSink,
  RouteBench,
  someRecords,
} from './testing.ts';

const failure = (kind: FailureKind) => ({ kind, message: `it is ${kind}` });
const retrying =
  (kind: FailureKind): Deliver =>
  (batch) =>
    Promise.resolve(Delivery.whole(batch, retry(failure(kind))));
const never: Deliver = () => new Promise(() => undefined);
const untilAborted: Deliver = (_, signal) =>
  new Promise((_resolve, refuse) => {
    signal.addEventListener('abort', () => refuse(signal.reason as Error), { once: true });
  });

/** Stops, and lets time pass until the route has ended. */
async function stopped(bench: RouteBench, running: ReturnType<RouteBench['start']>) {
  bench.stop.abort();
  await bench.clock.advance(10_000);
  return running;
}

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
    const bench = new RouteBench(new FakeSink(untilAborted));
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

  it('isolates the record that makes a sink throw, and goes on with it alone', async () => {
    const sink = new FakeSink((batch) => {
      if (batch.entries.some(({ id }) => id.endsWith(':6'))) throw new TypeError('a bug');
      return Promise.resolve(Delivery.whole(batch, delivered()));
    });
    const bench = new RouteBench(sink);
    bench.source.add(someRecords(10));
    const running = bench.start();
    await bench.clock.advance(20_000);

    expect(bench.records('delivered')).toBe(9);
    expect(bench.route.status()).toMatchObject({ waitingRecords: 1, openRanges: 1 });
    expect(bench.letters.letters.size).toBe(0);
    await stopped(bench, running);
    expect(bench.source.released).toHaveLength(1);
  });

  it('sends one throttled record again no sooner than asked, while others go on', async () => {
    let isThrottled = true;
    const sink = new FakeSink((batch) =>
      Promise.resolve(
        Delivery.each(batch, ({ id }) =>
          isThrottled && id === '1-0:0' ? retry(failure('throttled'), seconds(5)) : delivered(),
        ),
      ),
    );
    const bench = new RouteBench(sink);
    const first = bench.source.add(someRecords(10));
    const second = bench.source.add(someRecords(10));
    const running = bench.start();
    await bench.clock.advance(4_999);
    expect(bench.sink.sizes).toEqual([10, 10]);
    expect(bench.source.settled).toEqual([second]);
    isThrottled = false;
    await bench.clock.advance(1);

    expect(bench.sink.sizes).toEqual([10, 10, 1]);
    expect(bench.source.settled).toEqual([second, first]);
    expect(bench.metrics.of('sluice_retries_total', 'TEST', 'throttled')).toBe(1);
    await stopped(bench, running);
  });

  it('gives records that wait long bytes of their own, and edits them again', async () => {
    const sink = new FakeSink(retrying('throttled'));
    const entry = aPumpEntry({ ignoreFields: ['api_name'] });
    const list = { key: 'K', decoder: msgpackDecoder };
    const bench = new RouteBench(sink, { entry });
    const original = aRecord({ api_id: 'a', api_name: 'gone' });
    bench.source.add([original], { list });
    const running = bench.start();
    await bench.clock.advance(1_000);

    const [first, last] = [sink.batches[0], sink.batches.at(-1)].map(
      (batch) => batch?.entries[0].record,
    );
    expect(sink.batches.length).toBeGreaterThan(2);
    expect(first?.bytes).toBe(original.bytes);
    expect(last?.bytes.buffer).not.toBe(original.bytes.buffer);
    expect(last?.bytes).toEqual(original.bytes);
    expect([last?.text('api_id'), last?.text('api_name')]).toEqual(['a', '']);
    await stopped(bench, running);
  });

  it('probes a dead sink ever more seldom, one batch at a time, and recovers', async () => {
    const sink = new FakeSink(retrying('unreachable'));
    const bench = new RouteBench(sink);
    for (let range = 0; range < 5; range++) bench.source.add(someRecords(10));
    const running = bench.start();
    await bench.clock.advance(60_000);
    const attempts = sink.batches.length;
    await bench.clock.advance(60_000);

    expect(attempts).toBeLessThan(25);
    expect(sink.batches.length - attempts).toBeLessThanOrEqual(3);
    expect(bench.route.status().down).toMatchObject({ kind: 'unreachable' });
    sink.answer = (batch) => Promise.resolve(Delivery.whole(batch, delivered()));
    await bench.clock.advance(60_000);
    expect(bench.records('delivered')).toBe(50);
    expect(bench.route.status().down).toBeUndefined();
    expect(bench.source.settled).toHaveLength(5);
    await stopped(bench, running);
  });

  it('opens its sink again and again and leases nothing meanwhile', async () => {
    let isAway = true;
    const sink = new FakeSink();
    const open = () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(sink));
    const bench = new RouteBench(sink, { pump: { open } });
    bench.source.add(someRecords(1));
    const running = bench.start();
    await bench.clock.advance(60_000);
    expect(bench.route.status()).toMatchObject({ state: 'opening', openRanges: 0 });
    expect(await bench.route.check(bench.stop.signal)).toEqual({ state: 'down', reason: 'away' });
    isAway = false;
    await bench.clock.advance(30_000);

    expect(bench.records('delivered')).toBe(1);
    await stopped(bench, running);
  });

  it('aborts an attempt at its deadline and retries the records', async () => {
    const sink = new FakeSink(untilAborted);
    const bench = new RouteBench(sink, { entry: aPumpEntry({ timeout: seconds(2) }) });
    bench.source.add(someRecords(3));
    const running = bench.start();
    await bench.clock.advance(2_000);
    expect(sink.underWay).toBe(0);
    expect(bench.metrics.of('sluice_retries_total', 'TEST', 'timeout')).toBe(3);
    sink.answer = (batch) => Promise.resolve(Delivery.whole(batch, delivered()));
    await bench.clock.advance(1_000);

    expect(bench.records('delivered')).toBe(3);
    await stopped(bench, running);
  });

  it('does not wait for a sink that ignores its signal, and ignores its late answer', async () => {
    let answerLate = (): void => undefined;
    const sink = new FakeSink(
      (batch) =>
        new Promise((resolve) => {
          answerLate = () => resolve(Delivery.whole(batch, delivered()));
        }),
    );
    const bench = new RouteBench(sink);
    bench.source.add(someRecords(3));
    const running = bench.start();
    await bench.clock.advance(31_000);
    sink.answer = (batch) => Promise.resolve(Delivery.whole(batch, delivered()));
    await bench.clock.advance(1_000);
    expect(bench.records('delivered')).toBe(3);
    answerLate();
    await settled();

    expect(bench.records('delivered')).toBe(3);
    expect(bench.metrics.of('sluice_late_answers_total', 'TEST')).toBe(1);
    await stopped(bench, running);
  });

  it('never has more than twice its limit of calls with such a sink, then gives up on it', async () => {
    const sink = new FakeSink(never);
    const bench = new RouteBench(sink);
    for (let range = 0; range < 10; range++) bench.source.add(someRecords(10));
    const running = bench.start();
    const failed = expect(running).rejects.toThrow(ContractError);
    await bench.clock.advance(600_000);

    await failed;
    expect(sink.mostUnderWay).toBeLessThanOrEqual(4);
    expect(bench.source.released).toHaveLength(10);
  });

  it('reads no more than its bound of bytes in flight', async () => {
    const sink = new FakeSink(untilAborted);
    const bench = new RouteBench(sink, { bounds: { inFlightBytes: bytes(3_000_000) } });
    for (let range = 0; range < 9; range++)
      bench.source.add(someRecords(10, { size: 50_000 }), { rangeBytes: 1_000_000 });
    const running = bench.start();
    await settled();

    expect(bench.route.status().inFlightBytes).toBeLessThanOrEqual(3_000_000);
    expect(bench.route.status().openRanges).toBeLessThan(9);
    bench.abandon.abort();
    await stopped(bench, running);
  });

  it('reads no more of the shortest records than it can keep track of', async () => {
    const sink = new FakeSink(untilAborted);
    const bench = new RouteBench(sink, { bounds: { inFlightBytes: bytes(3_000_000) } });
    for (let range = 0; range < 9; range++)
      bench.source.add(someRecords(1000, { size: 12 }), { rangeBytes: 12_000 });
    const running = bench.start();
    await settled();

    expect(bench.route.status().openRanges).toBeGreaterThan(0);
    expect(bench.route.status().openRanges).toBeLessThan(9);
    bench.abandon.abort();
    await stopped(bench, running);
  });

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
    expect(bench.route.status().state).toBe('draining');
    await bench.clock.advance(5_000);

    expect(await running).toEqual({ unsettled: 0 });
    expect(bench.records('delivered')).toBe(30);
    expect(bench.route.status().state).toBe('closed');
  });

  it('gives back what is unanswered when its grace ends, and closes the sink', async () => {
    const sink = new FakeSink(untilAborted);
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
});
