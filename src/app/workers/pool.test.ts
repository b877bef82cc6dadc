import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { bytes } from '../../lib/units.ts';
import { aList } from '../../purge/testing.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import type { WorkerTask } from './messages.ts';
import type { Assignment, Plan } from './plan.ts';
import { Pool, type PoolParts } from './pool.ts';
import { good, ready, say, state, threadOf } from './threads.testing.ts';

const assigned = (route: string): Assignment => ({
  ...{ route, inFlight: 1, inFlightBytes: bytes(10), retriesLetters: true },
});
const threadsOf = (...workers: readonly (readonly string[])[]): Plan => ({
  main: [assigned('PAGE')],
  workers: workers.map((routes) => routes.map(assigned)),
  cacheBytes: bytes(7),
  spillBytes: bytes(8),
});
const soon = { timeout: 20_000, interval: 1 };
const lists = [aList('one'), aList('two')];

/** Says each message it hears as a line of the log, after a name for itself. */
const echo = (name: string): string =>
  `port.on('message', (heard) => { ${say(`{ kind: 'log', line: '${name} ' + JSON.stringify(heard) }`)} });`;

describe('A pool of worker threads', () => {
  const worlds: { end(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.end();
  });

  /** A pool whose threads run these scripts in the order of their starts, the last one again and again. */
  function aPool(plan: Plan, scripts: readonly string[], changes: Partial<PoolParts> = {}) {
    const clock = new FakeClock();
    const log = memoryLog();
    const metrics = createMetrics({ version: 'test' });
    const tasks: WorkerTask[] = [];
    const lines: string[] = [];
    const news: string[] = [];
    const gaveBack: string[] = [];
    const taps: unknown[] = [];
    const [stop, abandon, late] = [1, 2, 3].map(() => new AbortController());
    const pool = new Pool({
      onUnknown: () => undefined,
      onTapped: (tapped) => taps.push(tapped),
      plan,
      consumer: 'me',
      lists,
      isSpilling: false,
      clock,
      log,
      metrics,
      instruments: undefined,
      writeLog: (line) => lines.push(line),
      spawn(task) {
        const script = scripts[Math.min(tasks.length, scripts.length - 1)] ?? '';
        tasks.push(task);
        return threadOf(script);
      },
      giveBack(consumer, routes) {
        gaveBack.push(`${consumer}: ${routes.join()}`);
        return Promise.resolve(1);
      },
      ...changes,
    });
    const signals = { stop: stop!.signal, abandon: abandon!.signal, late: late!.signal };
    const running = pool.run(
      {
        settled: ({ key }) => news.push(`settled ${key}`),
        idle: () => news.push('idle'),
        groupMissing: () => news.push('groupMissing'),
      },
      signals,
    );
    const valueIn = (body: string, name: string): number => {
      const line = body.split('\n').find((each) => each.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1));
    };
    /** What the page shows, all workers asked. */
    const shown = async (name: string): Promise<number> =>
      valueIn((await metrics.exposition(await pool.snapshots())).body, name);
    const world = { pool, running, clock, log, tasks, lines, news, gaveBack, taps, shown };
    const up = (workers: number) =>
      vi.waitUntil(async () => {
        const { body } = await metrics.exposition();
        return valueIn(body, 'sluice_workers_up') === workers;
      }, soon);
    const end = async (): Promise<number> => {
      stop!.abort();
      late!.abort();
      await clock.advance(1_000);
      return running;
    };
    worlds.push({ end });
    return { ...world, up, stop: stop!, late: late!, end };
  }

  it('gives each worker its share, a name of its own, and the routes of the others', async () => {
    const { tasks, up, shown } = aPool(threadsOf(['A'], ['B', 'A']), [good]);
    await up(2);

    const shared = { cacheBytes: 7, spillBytes: 8 };
    expect(tasks).toEqual([
      {
        ...{ worker: 1, consumer: 'me-w1.1', assignments: [assigned('A')] },
        ...{ others: ['PAGE', 'B'], ...shared },
      },
      {
        ...{ worker: 2, consumer: 'me-w2.1', assignments: [assigned('B'), assigned('A')] },
        ...{ others: ['PAGE'], ...shared },
      },
    ]);
    expect(await shown('sluice_workers')).toBe(2);
  });

  it('tells every worker who wants to see records, also one that gets ready later, and hears of them', async () => {
    const tapped =
      "{ kind: 'tapped', tapped: { listener: heard.wishes[0].id, records: [], skipped: 3 } }";
    const { pool, taps, up } = aPool(threadsOf(['A'], ['A']), [
      `${ready} port.on('message', (heard) => { if (heard.kind === 'tap') ${say(tapped)} });`,
    ]);
    const wish = { id: 7, routes: ['A'], where: '', rate: 10 };
    pool.tap([wish]);
    await up(2);
    await vi.waitUntil(() => taps.length === 2, soon);
    pool.tap([{ ...wish, id: 8 }]);
    await vi.waitUntil(() => taps.length === 4, soon);
    expect(taps).toEqual([7, 7, 8, 8].map((listener) => ({ listener, records: [], skipped: 3 })));
  });

  it('tells every worker what the lists hold, also one that gets ready later or again', async () => {
    const { pool, lines, up, clock, tasks } = aPool(threadsOf(['A']), [
      `${echo('first')} ${ready} port.on('message', (heard) => {
        if (heard.kind === 'announce' && heard.lists.length === 2) setImmediate(() => process.exit());
      });`,
      `${echo('second')} ${ready}`,
    ]);
    pool.announce([lists[0]!]);
    await up(1);
    pool.announce(lists);
    await up(0);
    await clock.advance(1_000);
    await up(1);
    await vi.waitUntil(() => lines.length >= 3, soon);

    const announced = (...keys: readonly string[]): string =>
      JSON.stringify({ kind: 'announce', lists: keys });
    expect(lines).toEqual([
      `first ${announced('one')}`,
      `first ${announced('one', 'two')}`,
      `second ${announced('one', 'two')}`,
    ]);
    expect(tasks).toHaveLength(2);
  });

  it('passes on what workers say, and knows no list but its own', async () => {
    const { news, lines } = aPool(threadsOf(['A']), [
      [
        ...['settled', 'idle', 'groupMissing'].map((kind) =>
          say(`{ kind: '${kind}', list: 'two' }`),
        ),
        ...[say("{ kind: 'settled', list: 'of others' }"), say("{ kind: 'log', line: 'a line' }")],
        ready,
      ].join('\n'),
    ]);

    await vi.waitUntil(() => lines.length > 0, soon);

    expect(news).toEqual(['settled two', 'idle', 'groupMissing']);
    expect(lines).toEqual(['a line']);
  });

  describe('of which one ends by itself', () => {
    const dying = `${ready} process.exit(7);`;

    it('gives back at once what that one held, and once more what Redis may have lent it last', async () => {
      const { gaveBack, clock, log, up, tasks } = aPool(threadsOf(['A', 'B'], ['A']), [
        ...[good, dying, good],
      ]);

      await vi.waitUntil(() => gaveBack.length > 0, soon);
      expect(gaveBack).toEqual(['me-w2.1: A']);
      expect(tasks).toHaveLength(2);
      await clock.advance(2_000);
      await up(2);
      await clock.advance(20_000);

      expect(gaveBack).toEqual(['me-w2.1: A', 'me-w2.1: A']);
      expect(tasks.map(({ consumer }) => consumer)).toEqual(['me-w1.1', 'me-w2.1', 'me-w2.2']);
      expect(log.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
        'error A worker ended by itself.',
        'info Gave back what a worker that ended had held.',
      ]);
    });

    it('begins the next one although Redis takes nothing back, and asks until it does', async () => {
      let refusals = 0;
      const attempts: number[] = [];
      const { up, clock, log, shown } = aPool(threadsOf(['A']), [dying, good], {
        giveBack: () => {
          attempts.push(clock.elapsed());
          if (refusals++ < 3) return Promise.reject(new Error('NOPERM'));
          return Promise.resolve(4);
        },
      });
      await vi.waitUntil(() => attempts.length === 1, soon);

      await clock.advance(1_000);
      await up(1);
      await clock.advance(10_000);

      // Once more when it has succeeded: what was under way to Redis comes after.
      expect(attempts).toHaveLength(5);
      expect(log.lines.find(({ level }) => level === 'info')?.fields).toEqual({ ranges: 4 });
      expect(await shown('sluice_worker_failures_total')).toBe(1);
    });

    it('shows in the metrics that it did, and goes on with what it had counted', async () => {
      const { up, clock, shown } = aPool(threadsOf(['A']), [dying, good]);
      await up(0);
      await vi.waitUntil(async () => (await shown('sluice_worker_failures_total')) === 1, soon);
      expect(await shown('a_total')).toBe(2);

      await clock.advance(1_000);
      await up(1);

      expect(await shown('a_total')).toBe(4);
    });

    it('is stopped in the pause before the next one, which does not begin', async () => {
      const { gaveBack, running, stop, tasks } = aPool(threadsOf(['A']), [dying, good]);
      await vi.waitUntil(() => gaveBack.length > 0, soon);

      stop.abort();

      expect(await running).toBe(1);
      expect(tasks).toHaveLength(1);
    });

    it.each([
      ['does not answer', () => new Promise<never>(() => undefined)],
      ['refuses it', () => Promise.reject(new Error('NOPERM'))],
    ])('is stopped although Redis %s, once time is up', async (_, giveBack) => {
      const asked: string[] = [];
      const { running, stop, late, clock } = aPool(threadsOf(['A']), [dying], {
        giveBack: (consumer) => {
          asked.push(consumer);
          return giveBack();
        },
      });
      await vi.waitUntil(() => asked.length > 0, soon);
      let isOver = false;
      void running.then(() => {
        isOver = true;
      });

      stop.abort();
      await clock.advance(20_000);
      expect(isOver).toBe(false);
      late.abort();
      await clock.advance(1_000);

      expect(isOver).toBe(true);
      expect(await running).toBe(1);
    });
  });

  describe('asked for its routes', () => {
    const healthy = (health: string): string => `${ready} port.on('message', (heard) => {
      if (heard.kind === 'ask') ${say(`{ kind: 'answer', id: heard.id, answer: { health: ${health} } }`)}
    });`;

    it('calls a route up that is in one worker, with the problem that another has', async () => {
      const { pool, up } = aPool(threadsOf(['A'], ['A'], ['A']), [
        healthy("{ state: 'down', reason: 'refused' }"),
        healthy("{ state: 'up' }"),
        healthy("{ state: 'unknown', reason: 'UDP', problem: 'it is slow' }"),
      ]);
      await up(3);

      expect(await pool.check('A')).toEqual({ state: 'up', problem: 'it is slow' });
      expect(await pool.check('ELSE')).toMatchObject({ state: 'down' });
    });

    it('names the worker that is down, and why', async () => {
      const { pool, log } = aPool(threadsOf(['A']), ["throw new Error('no such file')"]);
      expect(await pool.check('A')).toMatchObject({ reason: 'worker 1: it is starting' });
      expect(pool.problem('A')).toBe('worker 1 is down: it is starting');
      await vi.waitUntil(() => log.warnings().length > 0, soon);

      expect(await pool.check('A')).toMatchObject({
        ...{ state: 'down', reason: 'worker 1: no such file' },
      });
      expect(pool.problem('A')).toBe('worker 1 is down: no such file');
      expect(pool.problem('ELSE')).toBeUndefined();
    });

    it('waits for none that is busy', async () => {
      const { pool, up, clock, shown } = aPool(threadsOf(['A']), [
        `${ready} port.on('message', () => { for (;;); });`,
      ]);
      await up(1);
      const health = pool.check('A');
      await clock.advance(2_000);
      expect(await health).toMatchObject({ state: 'down', reason: 'worker 1 does not answer' });

      const counted = shown('a_total');
      await clock.advance(500);
      expect(await counted).toBe(2);
    });
  });

  describe('asked for room at the bound', () => {
    const spilling = (problem: string): string =>
      `${echo('A')} ${say(`{ kind: 'state', state: ${state(0, `[{ route: 'A', records: 3, problem: ${problem} }]`)} }`)}
      ${say("{ kind: 'ready' }")}`;

    it('asks the workers of the route, and hopes for one that can spill', async () => {
      const { pool, up, lines } = aPool(threadsOf(['A'], ['B'], ['A']), [
        ...[spilling("'disk full'"), echo('B') + ready, spilling('undefined')],
      ]);
      await up(3);
      // Each was told at once what the lists hold.
      await vi.waitUntil(() => lines.length === 3, soon);
      lines.length = 0;

      expect(pool.relieve('A', 'one', '7-0')).toBe('under-way');
      expect(pool.relieve('PAGE', 'one', '7-0')).toBe('not-ours');
      // Messages keep their order: who has heard this has heard that.
      pool.announce([]);
      await vi.waitUntil(() => lines.length >= 5, soon);
      const relieved = (line: string): boolean => line.includes('relieve');
      expect(lines.filter((line) => line.startsWith('A') && relieved(line))).toHaveLength(2);
      expect(lines.filter((line) => line.startsWith('B') && relieved(line))).toEqual([]);
      expect(pool.hasBacklog('A')).toBe(true);
      expect(pool.hasBacklog('B')).toBe(false);
      expect(pool.problem('A')).toBe('disk full');
    });

    it('cannot where every disk is full', async () => {
      const { pool, up } = aPool(threadsOf(['A'], ['A']), [spilling("'disk full'")]);
      await up(2);

      expect(pool.relieve('A', 'one', '7-0')).toBe('cannot');
    });

    it('waits half a minute for a worker that is down before it gives up on it', async () => {
      const { pool, clock } = aPool(threadsOf(['A']), ["throw new Error('a bug')"]);
      expect(pool.relieve('A', 'one', '7-0')).toBe('under-way');
      await clock.advance(29_000);
      expect(pool.relieve('A', 'one', '7-0')).toBe('under-way');
      await clock.advance(1_000);

      expect(pool.relieve('A', 'one', '7-0')).toBe('cannot');
    });
  });

  describe('whose workers share what is on disk', () => {
    const whenTold = `port.on('message', () => { ${ready} });`;

    it('starts one after the other', async () => {
      const { tasks, up } = aPool(threadsOf(['A'], ['A'], ['A']), [good], { isSpilling: true });
      expect(tasks).toHaveLength(0);
      await up(3);

      expect(tasks.map(({ worker }) => worker)).toEqual([1, 2, 3]);
    });

    it('waits for each to be ready, but ten seconds at most for one that hangs', async () => {
      const { tasks, clock, pool } = aPool(threadsOf(['A'], ['A'], ['A']), ['', whenTold], {
        isSpilling: true,
      });
      await clock.advance(9_000);
      expect(tasks).toHaveLength(1);
      await clock.advance(1_000);
      expect(tasks).toHaveLength(2);
      pool.announce([]);
      await vi.waitUntil(() => tasks.length === 3, soon);
    });

    it('does not wait for one that failed in its start', async () => {
      const { tasks } = aPool(threadsOf(['A'], ['A']), ["throw new Error('a bug')", good], {
        isSpilling: true,
      });

      await vi.waitUntil(() => tasks.length === 2, soon);
      expect(tasks.map(({ consumer }) => consumer)).toEqual(['me-w1.1', 'me-w2.1']);
    });

    it('starts none that waits for its turn once it is told to stop', async () => {
      const { tasks, clock, end } = aPool(threadsOf(['A'], ['A']), [''], { isSpilling: true });
      await clock.advance(5_000);

      await end();

      expect(tasks).toHaveLength(1);
    });
  });
});
