import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { load } from '../config/testing.ts';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import type { Batch } from '../pump/batch.ts';
import { Delivery } from '../pump/delivery.ts';
import { delivered, reject } from '../pump/verdict.ts';
import { decodeRecord, encodeRecord } from '../record/testing.ts';
import type { RedisClient } from '../redis/client.ts';
import { FakeSink, failure, hanging, retrying } from '../route/testing/fake-sink.testing.ts';
import { systemDisk } from '../spill/disk.ts';
import { type Holder, lockState } from '../spill/lock.ts';
import type { Spill } from '../spill/spill.ts';
import { aSpill, FakeStore, Mortal, scratch } from '../spill/testing.ts';
import { aCheckedPump } from './checked-pump.testing.ts';
import { type Drained, type DrainParts, drainSpill } from './drain-spill.ts';

const beyondAll = '1800000000000-0';
const list = 'analytics-test';
let lives = 0;

/** Redis is away: whatever is asked of it is remembered and fails. */
function noRedis() {
  const asked: string[] = [];
  const client = new Proxy(
    {},
    {
      get: (_target, command) => () => {
        asked.push(String(command));
        return Promise.reject(new Error('Connection is closed.'));
      },
    },
    // Nothing of it is ever reached but through the trap.
  ) as RedisClient;
  return { client, asked };
}

const pathsIn = (batch: Batch): readonly string[] =>
  [...batch].map(({ record }) => record.text('path'));

const pathsOf = (sink: FakeSink): readonly string[] =>
  sink.seen.map((bytes) => decodeRecord(bytes).text('path'));

describe('Draining the spill', () => {
  let root: string;
  const living: Spill[] = [];
  beforeEach(async () => {
    root = await scratch();
  });
  afterEach(async () => {
    for (const spill of living.splice(0)) await spill.close();
    await rm(root, { recursive: true, force: true });
  });

  /** An instance that spilled one range for each of these paths, and lives. */
  async function spilled(route: string, paths: readonly string[]): Promise<Spill> {
    const store = new FakeStore();
    for (const each of paths) store.claim([encodeRecord({ path: each })]);
    const spill = await aSpill(root, store, { routes: [route] });
    living.push(spill);
    const leases = spill.between(route, {
      leases: store.leases(new Mortal()),
      chunks: store.chunks,
    });
    expect(spill.relieve(route, list, beyondAll)).toBe('under-way');
    await leases.relieved();
    expect(store.unsettled.size).toBe(0);
    return spill;
  }

  /** The same, and it has ended. */
  async function left(route: string, paths: readonly string[]): Promise<void> {
    const spill = await spilled(route, paths);
    await spill.close();
    living.splice(living.indexOf(spill), 1);
  }

  const filesOnDisk = async (): Promise<readonly string[]> =>
    (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.spill'));

  /** A drain under way. Each batch has one record, and one is under way at a time. */
  async function aDrain(
    sinks: Readonly<Record<string, FakeSink>>,
    changes: Partial<DrainParts> = {},
  ) {
    const { config } = await load({ file: { pumps: { stdout: {} }, purge_delay: 5 } });
    if (config === undefined) throw new Error('the configuration is broken');
    const clock = new FakeClock();
    const log = memoryLog();
    const redis = noRedis();
    const opened: string[] = [];
    const stop = new AbortController();
    const pumps = Object.entries(sinks).map(([name, sink]) =>
      aCheckedPump(name, {
        records: 1,
        inFlight: 1,
        open: () => {
          opened.push(name);
          return Promise.resolve(sink);
        },
      }),
    );
    let isOver = false;
    const running = drainSpill(
      {
        config,
        pumps,
        client: redis.client,
        root,
        alsoAdopts: [],
        instance: `drain-${++lives}-abcdef`,
        host: 'a-host',
        processId: 1,
        clock,
        log,
        mask: (text) => text,
        writeOutput: () => Promise.resolve(),
        logTaken: () => Promise.resolve(),
        ...changes,
      },
      stop.signal,
    ).finally(() => {
      isOver = true;
    });
    /** The disk is real, so time goes no faster than its own: a busy one has until a deadline as long as it would outside. */
    async function pass(): Promise<void> {
      await setTimeout(1);
      await clock.advance(1);
    }
    async function until(isTrue: () => boolean): Promise<void> {
      while (!isTrue()) {
        if (isOver && !isTrue()) throw new Error('the drain has ended before');
        await pass();
      }
    }
    async function ended(): Promise<Drained> {
      while (!isOver) await pass();
      return running;
    }
    return { clock, log, asked: redis.asked, opened, stop, until, ended };
  }

  it('delivers all that gone instances left, in order, leaves nothing, and asks nothing of Redis', async () => {
    await left('A', ['/1', '/2', '/3']);
    await left('A', ['/4']);
    const sink = new FakeSink();
    const drain = await aDrain({ A: sink });

    expect(await drain.ended()).toEqual({ found: 4, left: 0 });
    const paths = pathsOf(sink);
    expect(paths.filter((each) => each !== '/4')).toEqual(['/1', '/2', '/3']);
    expect(paths).toContain('/4');
    expect(sink.closed).toBe(1);
    expect(await readdir(root)).toEqual([]);
    // Whether it is paused, and nothing else.
    expect(drain.asked).toEqual(['hmget']);
    expect(drain.log.warnings()).toEqual([]);
  });

  it('ends at once where nothing is left, and opens no sink', async () => {
    const drain = await aDrain({ A: new FakeSink() });
    expect(await drain.ended()).toEqual({ found: 0, left: 0 });
    expect(drain.opened).toEqual([]);
    expect(await readdir(root)).toEqual([]);
  });

  it('keeps the files of a sink that fails until it is told to stop, for the next drain', async () => {
    await left('A', ['/1', '/2']);
    const before = await filesOnDisk();
    const failing = new FakeSink(retrying('unreachable'));
    const drain = await aDrain({ A: failing });
    await drain.until(() => failing.batches.length >= 3);
    drain.stop.abort();

    expect(await drain.ended()).toEqual({ found: 2, left: 2 });
    expect((await filesOnDisk()).map((name) => path.basename(name))).toEqual(
      before.map((name) => path.basename(name)),
    );

    const sink = new FakeSink();
    const next = await aDrain({ A: sink });
    expect(await next.ended()).toEqual({ found: 2, left: 0 });
    expect(pathsOf(sink)).toEqual(['/1', '/2']);
  });

  it('stops half-way with what is unanswered on disk, and only that', async () => {
    await left('A', ['/1', '/2', '/3', '/4']);
    const sink: FakeSink = new FakeSink((batch, signal) =>
      sink.batches.length <= 2
        ? Promise.resolve(Delivery.whole(batch, delivered()))
        : hanging(batch, signal),
    );
    const drain = await aDrain({ A: sink });
    await drain.until(() => sink.batches.length === 3);
    drain.stop.abort();
    expect(await drain.ended()).toEqual({ found: 4, left: 2 });

    const rest = new FakeSink();
    const next = await aDrain({ A: rest });
    expect(await next.ended()).toEqual({ found: 2, left: 0 });
    expect(pathsOf(rest)).toEqual(['/3', '/4']);
    expect(await readdir(root)).toEqual([]);
  });

  it('keeps a record that its sink refuses while Redis cannot keep the dead letter', async () => {
    await left('A', ['/refused', '/2']);
    const sink = new FakeSink((batch) =>
      Promise.resolve(
        Delivery.whole(
          batch,
          pathsIn(batch).includes('/refused') ? reject(failure('invalid')) : delivered(),
        ),
      ),
    );
    const drain = await aDrain({ A: sink });
    await drain.until(() => sink.batches.length === 2 && drain.asked.includes('evalsha'));
    drain.stop.abort();

    expect((await drain.ended()).left).toBeGreaterThan(0);
    const next = new FakeSink();
    await (await aDrain({ A: next })).ended();
    expect(pathsOf(next)).toContain('/refused');
  });

  it('leaves the folder of a living instance alone', async () => {
    await spilled('A', ['/1']);
    const drain = await aDrain({ A: new FakeSink() });

    expect(await drain.ended()).toEqual({ found: 0, left: 0 });
    expect(drain.opened).toEqual([]);
    expect(await filesOnDisk()).toHaveLength(1);
    const [name = ''] = await readdir(root);
    const folder = path.join(root, name);
    expect(await lockState(systemDisk, folder, await holderOf(folder))).toBe('held');
  });

  it('takes the folder of another machine only where its instance is named', async () => {
    await left('A', ['/1']);
    const [name = ''] = await readdir(root);
    const folder = path.join(root, name);
    const elsewhere: Holder = { ...(await holderOf(folder)), host: 'b-host', boot: 'b-kernel' };
    await writeFile(path.join(folder, 'lock.json'), JSON.stringify(elsewhere));
    const unnamed = await aDrain({ A: new FakeSink() });
    expect(await unnamed.ended()).toEqual({ found: 0, left: 0 });
    expect(await filesOnDisk()).toHaveLength(1);

    const named = await aDrain({ A: new FakeSink() }, { alsoAdopts: [name] });
    expect(await named.ended()).toEqual({ found: 1, left: 0 });
    expect(await filesOnDisk()).toEqual([]);
  });

  it('leaves the records of a route that it does not know, says so, and delivers the others', async () => {
    await left('A', ['/a']);
    await left('OLD', ['/old']);
    const drain = await aDrain({ A: new FakeSink(), B: new FakeSink() });

    expect(await drain.ended()).toEqual({ found: 1, left: 0 });
    // B has nothing there.
    expect(drain.opened).toEqual(['A']);
    expect(drain.log.warnings()).toEqual([
      'The disk keeps records for a route that is not in this configuration.',
    ]);
    expect(await filesOnDisk()).toHaveLength(1);

    const sink = new FakeSink();
    const next = await aDrain({ OLD: sink });
    expect(await next.ended()).toEqual({ found: 1, left: 0 });
    expect(pathsOf(sink)).toEqual(['/old']);
  });
});

const holderOf = async (folder: string): Promise<Holder> =>
  // Written by an instance a moment ago.
  JSON.parse(await readFile(path.join(folder, 'lock.json'), 'utf8')) as Holder;
