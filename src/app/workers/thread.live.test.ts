import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { load } from '../../config/testing.ts';
import { systemClock } from '../../lib/clock.ts';
import { mebibytes } from '../../lib/units.ts';
import type { ServiceContext } from '../../pump/define-pump.ts';
import { sourceLists } from '../../purge/lists.ts';
import { someParts } from '../../purge/parts.testing.ts';
import { StreamPurge } from '../../purge/stream-purge.ts';
import { decoders } from '../../record/decoders.ts';
import { decodeRecord, encodeRecord } from '../../record/testing.ts';
import { FakeSink, hanging } from '../../route/testing/fake-sink.testing.ts';
import { aCheckedPump } from '../checked-pump.testing.ts';
import { MainEnd } from './main-end.testing.ts';
import { runThread } from './thread.ts';

const lists = sourceLists('analytics-', decoders);
const [list = ''] = lists.map(({ key }) => key);

describe('A worker thread', () => {
  let server: RedisServer;
  let stopper: AbortController;
  let purge: StreamPurge;
  let claiming: Promise<void>;
  let main: MainEnd;
  let lives = 0;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.client.flushall();
    main = new MainEnd();
    stopper = new AbortController();
    purge = new StreamPurge(
      someParts(server.client, ['A', 'B'], {
        lists,
        onStocked: (stocked) =>
          main.tell({ kind: 'announce', lists: stocked.map(({ key }) => key) }),
      }),
    );
    claiming = purge.run(stopper.signal);
  });
  afterEach(async () => {
    stopper.abort();
    await claiming;
    main.close();
  });

  const push = (paths: readonly string[]) =>
    server.client.rpush(list, ...paths.map((path) => encodeRecord({ path })));

  /** Runs in this thread, with the routes A and GONE, of which no pump is configured. */
  async function aThread(sink: FakeSink) {
    const { config } = await load({
      file: {
        pumps: { stdout: {} },
        analytics_storage_config: { host: server.host, port: server.port },
      },
    });
    if (config === undefined) throw new Error('the configuration is broken');
    const opened: { readonly route: string; readonly context: ServiceContext }[] = [];
    const pumps = ['A', 'B'].map((route) =>
      aCheckedPump(route, {
        open: (context) => {
          opened.push({ route, context });
          return Promise.resolve(sink);
        },
      }),
    );
    const assignments = ['A', 'GONE'].map((route) => ({
      ...{ route, inFlight: 1, inFlightBytes: mebibytes(1), retriesLetters: true },
    }));
    const running = runThread({
      config,
      pumps,
      task: {
        worker: 1,
        consumer: `a-host-1-abcdef.${++lives}`,
        assignments,
        others: ['B'],
        cacheBytes: mebibytes(1),
        spillBytes: mebibytes(1),
      },
      host: 'a-host',
      processId: 1,
      clock: systemClock,
      log: memoryLog(),
      mask: (text) => text,
      port: main.port,
      readAgain: () => Promise.reject(new Error('nobody reloads')),
    });
    await main.heardOf('ready');
    return { running, opened };
  }

  const pathsOf = (sink: FakeSink) => sink.seen.map((bytes) => decodeRecord(bytes).text('path'));

  it('delivers what is announced, tells what the claiming wants to know, and ends with its counts', async () => {
    const sink = new FakeSink();
    const { running, opened } = await aThread(sink);
    await push(['/1', '/2', '/3']);
    const [settled] = await main.heardOf('settled');
    expect(settled.list).toBe(list);
    expect(pathsOf(sink)).toEqual(['/1', '/2', '/3']);
    await main.heardOf('idle');

    main.tell({ kind: 'stop' });
    await running;
    const [{ unsettled, state }] = await main.heardOf('ended');
    expect(unsettled).toBe(0);
    expect(main.heard.at(-1)?.kind).toBe('ended');
    const counts = state.metrics.find(({ name }) => name === 'sluice_records_total')?.values;
    expect(counts).toContainEqual(
      expect.objectContaining({ value: 3, labels: { route: 'A', outcome: 'delivered' } }),
    );
    // Neither the route of another thread nor one without a pump.
    expect(opened.map(({ route }) => route)).toEqual(['A']);
    expect(sink.closed).toBe(1);
  });

  it('answers for its routes, and for no other', async () => {
    const { running } = await aThread(new FakeSink());
    await expect
      .poll(() => main.ask({ about: 'health', route: 'A' }))
      .toMatchObject({
        health: { state: 'up' },
      });
    for (const route of ['B', 'GONE'])
      expect(await main.ask({ about: 'health', route })).toMatchObject({
        health: { state: 'down' },
      });
    expect(await main.ask({ about: 'state' })).toMatchObject({
      state: { spill: [{ route: 'A', records: 0 }, { route: 'GONE' }] },
    });
    main.tell({ kind: 'stop' });
    await running;
  });

  it('finishes what it has when it is stopped, gives back the rest when it is abandoned, and another delivers that', async () => {
    const sink = new FakeSink(hanging);
    const { running } = await aThread(sink);
    await push(['/1', '/2']);
    await expect.poll(() => sink.underWay).toBe(1);
    main.tell({ kind: 'stop' });
    // It obeys in order, so it has been stopped when it answers.
    await main.ask({ about: 'state' });
    expect(sink.underWay).toBe(1);
    expect(main.heard.map(({ kind }) => kind)).not.toContain('ended');

    main.tell({ kind: 'abandon' });
    await running;
    const [{ unsettled }] = await main.heardOf('ended');
    expect(unsettled).toBe(1);
    expect(main.heard.map(({ kind }) => kind)).not.toContain('settled');

    main.close();
    main = new MainEnd();
    const next = new FakeSink();
    const another = await aThread(next);
    main.tell({ kind: 'announce', lists: [list] });
    await main.heardOf('settled');
    expect(pathsOf(next)).toEqual(['/1', '/2']);
    main.tell({ kind: 'stop' });
    await another.running;
  });

  it('tells when a group is gone', async () => {
    const { running } = await aThread(new FakeSink());
    // Nobody makes it anew.
    stopper.abort();
    await claiming;
    await server.client.flushall();
    main.tell({ kind: 'announce', lists: [list] });

    await main.heardOf('groupMissing');
    main.tell({ kind: 'stop' });
    await running;
  });

  it('has neither output nor paths to give to a pump', async () => {
    const { running, opened } = await aThread(new FakeSink());
    await expect.poll(() => opened.length).toBe(1);
    const [{ context } = { context: undefined }] = opened;

    await expect(context?.writeOutput(Buffer.from('a line'), stopper.signal)).rejects.toThrow(
      'only the main thread has this',
    );
    await expect(context?.logTaken(stopper.signal)).rejects.toThrow(
      'only the main thread has this',
    );
    main.tell({ kind: 'stop' });
    await running;
  });
});
