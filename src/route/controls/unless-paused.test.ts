import { describe, expect, it } from 'vitest';
import { FakeClock, settled } from '../../lib/fake-clock.testing.ts';
import { millis } from '../../lib/units.ts';
import { Delivery } from '../../pump/delivery.ts';
import { delivered } from '../../pump/verdict.ts';
import { RouteBench } from '../testing/bench.testing.ts';
import { FakeSink } from '../testing/fake-sink.testing.ts';
import { someRecords } from '../testing/parts.testing.ts';
import { RouteControl } from './controls.ts';
import { type PausableParts, runUnlessPaused } from './unless-paused.ts';

const paused = { paused: { by: 'ann@host', at: 'now' }, rate: undefined, last: undefined };

/** A route with two ranges in its hands and one batch of the first under way, whose sink takes that long for each. */
async function atWork({ mode, takes }: { mode: PausableParts['mode']; takes: number }) {
  const sink = new FakeSink(async (batch) => {
    await bench.clock.sleep(millis(takes), new AbortController().signal);
    return Delivery.whole(batch, delivered());
  });
  const bench = new RouteBench(sink, { limits: { inFlight: 1, records: 10 } });
  const control = new RouteControl(bench.clock);
  const ranges = [bench.source.add(someRecords(20)), bench.source.add(someRecords(20))];
  const running = runUnlessPaused(
    {
      ...{ control, mode, clock: bench.clock },
      create: () => bench.route,
      giveBack: () => Promise.resolve(),
    },
    { stop: bench.stop.signal, abandon: bench.abandon.signal },
  );
  await settled();
  expect(sink.sizes).toEqual([10]);
  return { bench, control, ranges, running };
}

describe('a route that is paused', () => {
  it.each([
    ['finishes what it has begun, where the rest waits in Redis', 'at-least-once', 20, [0], [1]],
    ['sends all that was read, where it was popped', 'at-most-once', 40, [0, 1], []],
  ] as const)('%s', async (_title, mode, records, answered, back) => {
    const { bench, control, ranges, running } = await atWork({ mode, takes: 100 });
    control.take(paused);
    await bench.clock.advance(10_000);

    expect(bench.records('delivered')).toBe(records);
    expect(bench.source.settled).toEqual(answered.map((at) => ranges[at]));
    expect(bench.source.released).toEqual(back.map((at) => ranges[at]));
    expect(bench.sink.closed).toBe(1);
    bench.stop.abort();
    await bench.clock.advance(0);
    expect(await running).toEqual({ unsettled: 0 });
  });

  it.each(['at-least-once', 'at-most-once'] as const)(
    'begins nothing after 0.8 seconds and gives back what is unanswered (%s)',
    async (mode) => {
      const { bench, control, ranges, running } = await atWork({ mode, takes: 500 });
      control.take(paused);
      await bench.clock.advance(10_000);

      expect(bench.sink.sizes).toEqual([10, 10]);
      expect(bench.source.settled).toEqual([ranges[0]]);
      expect(bench.source.released).toEqual([ranges[1]]);
      expect(bench.sink.closed).toBe(1);
      bench.stop.abort();
      await bench.clock.advance(0);
      await running;
    },
  );

  it('does not begin before it is resumed, and then is made anew', async () => {
    const clock = new FakeClock();
    const control = new RouteControl(clock);
    control.take(paused);
    const benches = [new RouteBench(), new RouteBench()];
    let made = 0;
    const stop = new AbortController();
    const parts: PausableParts = {
      ...{ control, mode: 'at-least-once', clock },
      create: () => benches[made++]!.route,
      giveBack: () => Promise.resolve(),
    };
    const running = runUnlessPaused(parts, { stop: stop.signal, abandon: stop.signal });
    await clock.advance(60_000);
    expect(benches[0]!.source.taken).toBe(0);

    control.take({ ...paused, paused: undefined });
    benches[0]!.source.add(someRecords(5));
    await clock.advance(0);
    expect(benches[0]!.records('delivered')).toBe(5);

    control.take(paused);
    await clock.advance(0);
    control.take({ ...paused, paused: undefined });
    benches[1]!.source.add(someRecords(7));
    await clock.advance(0);
    expect([made, benches[1]!.records('delivered')]).toEqual([2, 7]);
    stop.abort();
    await clock.advance(0);
    await running;
  });
});
