import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { load } from '../config/testing.ts';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import type { Batch } from '../pump/batch.ts';
import { Delivery } from '../pump/delivery.ts';
import { delivered, reject } from '../pump/verdict.ts';
import { decoders } from '../record/decoders.ts';
import { encodeRecord } from '../record/testing.ts';
import { FakeLetters } from '../route/dead-letters/fake-letters.testing.ts';
import { FakeSink, failure, hanging, retrying } from '../route/testing/fake-sink.testing.ts';
import { aCheckedPump } from './checked-pump.testing.ts';
import type { FedRecord } from './fed-records.ts';
import { type Fed, type FeedParts, feedRoute } from './feed-route.ts';

const [decoder] = decoders;
if (decoder === undefined) throw new Error('there are encodings');
const list = { key: 'analytics-test', decoder };

/** So many, as they are asked for. */
async function* someRecords(count: number, onAsked: (index: number) => void = () => undefined) {
  for (let index = 0; index < count; index++) {
    onAsked(index);
    await Promise.resolve();
    const record: FedRecord = { list, segment: 'fed', index, bytes: encodeRecord({ path: '/' }) };
    yield record;
  }
}

const idsOf = (sink: FakeSink): readonly string[] =>
  sink.batches.flatMap((batch: Batch) => [...batch].map(({ id }) => id));

/** A feed under way. Each batch has one record, and one is under way at a time. */
async function aFeed(sink: FakeSink, changes: Partial<FeedParts> = {}) {
  const { config } = await load({ file: { pumps: { stdout: {} }, purge_delay: 5 } });
  if (config === undefined) throw new Error('the configuration is broken');
  const clock = new FakeClock();
  const letters = new FakeLetters();
  const stop = new AbortController();
  let isOver = false;
  const pump = aCheckedPump('A', { records: 1, inFlight: 1, open: () => Promise.resolve(sink) });
  const running = feedRoute(
    {
      ...{ config, pump, letters, clock, log: memoryLog(), processId: 1, rate: undefined },
      records: someRecords(5),
      whyNot: () => undefined,
      writeOutput: () => Promise.resolve(),
      logTaken: () => Promise.resolve(),
      ...changes,
    },
    stop.signal,
  ).finally(() => {
    isOver = true;
  });
  // Whoever awaits the end hears of it.
  running.catch(() => undefined);
  async function until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      if (isOver) throw new Error('the feed has ended before');
      await clock.advance(1);
    }
  }
  async function ended(): Promise<Fed> {
    while (!isOver) await clock.advance(5);
    return running;
  }
  return { clock, letters, stop, until, ended };
}

const all = { delivered: 5, rejected: 0, filtered: 0, isWhole: true, reason: undefined };

describe('Feeding a route', () => {
  it('delivers every record under its own id and ends', async () => {
    const sink = new FakeSink();
    const feed = await aFeed(sink);
    expect(await feed.ended()).toEqual(all);
    expect(idsOf(sink)).toEqual(['fed:0', 'fed:1', 'fed:2', 'fed:3', 'fed:4']);
    expect(sink.closed).toBe(1);
  });

  it('keeps what is rejected before it counts it', async () => {
    const sink: FakeSink = new FakeSink((batch) =>
      Promise.resolve(
        Delivery.whole(batch, sink.batches.length === 2 ? reject(failure('invalid')) : delivered()),
      ),
    );
    const feed = await aFeed(sink);
    expect(await feed.ended()).toMatchObject({ delivered: 4, rejected: 1, isWhole: true });
    expect([...feed.letters.letters.keys()]).toEqual(['A fed:1']);
  });

  it('counts nothing of a sink that fails, until it is told to stop', async () => {
    const sink = new FakeSink(retrying('unreachable'));
    const feed = await aFeed(sink);
    await feed.until(() => sink.batches.length >= 3);
    feed.stop.abort();
    expect(await feed.ended()).toMatchObject({ delivered: 0, rejected: 0, isWhole: false });
  });

  it('counts half-way what was answered for, and only that', async () => {
    const sink: FakeSink = new FakeSink((batch, signal) =>
      sink.batches.length <= 2
        ? Promise.resolve(Delivery.whole(batch, delivered()))
        : hanging(batch, signal),
    );
    const feed = await aFeed(sink);
    await feed.until(() => sink.batches.length === 3);
    feed.stop.abort();
    expect(await feed.ended()).toEqual({ ...all, delivered: 2, isWhole: false });
  });

  it('ends with the reason where the route is paused meanwhile', async () => {
    const sink = new FakeSink(retrying('unreachable'));
    let isPaused = false;
    const feed = await aFeed(sink, { whyNot: () => (isPaused ? 'A is paused' : undefined) });
    await feed.until(() => sink.batches.length > 0);
    isPaused = true;
    expect(await feed.ended()).toMatchObject({ isWhole: false, reason: 'A is paused' });
  });

  it('reads no more than the route has room for', async () => {
    let asked = 0;
    const sink = new FakeSink(hanging);
    const feed = await aFeed(sink, { records: someRecords(1_000_000, () => (asked += 1)) });
    await feed.until(() => sink.batches.length > 0);
    await feed.clock.advance(5000);
    expect(asked).toBeLessThan(200_000);
    feed.stop.abort();
    expect(await feed.ended()).toMatchObject({ delivered: 0, isWhole: false });
  });

  it('sends no more in a second than the rate says', async () => {
    const sink = new FakeSink();
    const feed = await aFeed(sink, { rate: 10, records: someRecords(50) });
    await feed.until(() => sink.batches.length > 0);
    await feed.clock.advance(2000);
    expect(sink.batches.length).toBeGreaterThan(10);
    expect(sink.batches.length).toBeLessThanOrEqual(30);
    expect(await feed.ended()).toMatchObject({ delivered: 50 });
  });

  it('fails where the stream breaks, and takes it for no end', async () => {
    const broken = someRecords(5, (index) => {
      if (index === 2) throw new Error('a bug');
    });
    const sink = new FakeSink();
    const feed = await aFeed(sink, { records: broken });
    await expect(feed.ended()).rejects.toThrow('a bug');
    expect(idsOf(sink)).toEqual(['fed:0', 'fed:1']);
  });
});
