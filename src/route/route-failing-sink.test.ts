/** A sink that throws, throttles, is away or does not answer: its records wait and nothing is lost. */
import { describe, expect, it } from 'vitest';
import { ContractError } from '../lib/errors.ts';
import { settled } from '../lib/fake-clock.testing.ts';
import { seconds } from '../lib/units.ts';
import { Delivery } from '../pump/delivery.ts';
import type { Health } from '../pump/sink.ts';
import { delivered, retry } from '../pump/verdict.ts';
import { msgpackDecoder } from '../record/msgpack/decoder.ts';
import { aRecord } from '../record/testing.ts';
import { RouteBench, stopped } from './testing/bench.testing.ts';
import { FakeSink, failure, hanging, never, retrying } from './testing/fake-sink.testing.ts';
import { aPumpEntry, someRecords } from './testing/parts.testing.ts';

describe('a route', () => {
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
    expect(bench.source.settled).toEqual([]);
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
    expect(first?.bytes.buffer).toBe(original.bytes.buffer);
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
    expect(await bench.route.check()).toMatchObject({ state: 'down' });
    sink.answer = (batch) => Promise.resolve(Delivery.whole(batch, delivered()));
    await bench.clock.advance(60_000);
    expect(bench.records('delivered')).toBe(50);
    expect(await bench.route.check()).toEqual({ state: 'up' });
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
    expect(bench.source.taken).toBe(0);
    expect(await bench.route.check()).toEqual({ state: 'down', reason: 'away' });
    isAway = false;
    await bench.clock.advance(30_000);

    expect(bench.records('delivered')).toBe(1);
    await stopped(bench, running);
  });

  it('aborts an attempt at its deadline and retries the records', async () => {
    const sink = new FakeSink(hanging);
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

  it('ends when its sink is gone for good: its records are for others, and a stop ends it', async () => {
    const sink = new FakeSink(retrying('unreachable'));
    const bench = new RouteBench(sink);
    bench.source.add(someRecords(10));
    const running = bench.start();
    await bench.clock.advance(1_000);
    sink.end.abort(new Error('standard output was closed'));
    await bench.clock.advance(10_000);
    const attempts = sink.batches.length;
    await bench.clock.advance(600_000);

    expect(sink.batches).toHaveLength(attempts);
    expect(bench.source.released).toHaveLength(1);
    expect(sink.closed).toBe(1);
    expect(await bench.route.check()).toEqual({
      state: 'down',
      reason: 'standard output was closed',
    });
    await stopped(bench, running);
  });

  it('is not up before its sink was asked, and believes deliveries more than answers', async () => {
    const sink = new FakeSink();
    let answer: Health = { state: 'down', reason: 'nobody there' };
    let questions = 0;
    sink.check = () => {
      questions += 1;
      return Promise.resolve(answer);
    };
    const bench = new RouteBench(sink);
    const running = bench.start();
    await settled();
    expect(await bench.route.check()).toEqual(answer);
    expect(questions).toBe(1);

    bench.source.add(someRecords(3));
    await bench.clock.advance(5_000);
    expect(await bench.route.check()).toEqual({ state: 'up' });
    await bench.clock.advance(60_000);
    expect(await bench.route.check()).toEqual(answer);
    answer = { state: 'unknown', reason: 'no idea' };
    await bench.clock.advance(5_000);
    expect(await bench.route.check()).toEqual(answer);
    await stopped(bench, running);
  });
});
