import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { systemClock } from '../../lib/clock.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { bytes, millis } from '../../lib/units.ts';
import type { FromWorker, WorkerTask } from './messages.ts';
import { good, ready, say, state, threadOf } from './threads.testing.ts';
import { WorkerSlot, type WorkerSlotParts } from './worker-slot.ts';

describe('WorkerSlot, with real threads', () => {
  const signals = {
    stop: new AbortController(),
    abandon: new AbortController(),
    late: new AbortController(),
  };
  afterEach(() => {
    for (const signal of ['stop', 'abandon', 'late'] as const)
      signals[signal] = new AbortController();
  });

  /** A slot whose threads run these scripts, the last one again and again. */
  function aSlot(...scripts: readonly string[]) {
    return aSlotWith({}, scripts);
  }

  function aSlotWith(changes: Partial<WorkerSlotParts>, scripts: readonly string[]) {
    const log = memoryLog();
    const threads: string[] = [];
    const gaveBack: string[] = [];
    const heard: FromWorker['kind'][] = [];
    const failures = { count: 0 };
    const parts: WorkerSlotParts = {
      task: {
        worker: 1,
        assignments: [{ route: 'A', inFlight: 1, inFlightBytes: bytes(1), retriesLetters: true }],
        others: [],
        cacheBytes: 1,
        spillBytes: 1,
      },
      consumer: 'me',
      spawn({ consumer }: WorkerTask) {
        const script = scripts[Math.min(threads.length, scripts.length - 1)] ?? '';
        threads.push(consumer);
        return threadOf(script, { resourceLimits: { maxOldGenerationSizeMb: 40 } });
      },
      turn: () => Promise.resolve(() => undefined),
      onMessage: ({ kind }) => heard.push(kind),
      giveBack(consumer, routes) {
        gaveBack.push(`${consumer} ${routes.join()}`);
        return Promise.resolve();
      },
      onChange: () => undefined,
      onFailure: () => failures.count++,
      // The pauses between threads are not what is tested.
      clock: {
        ...systemClock,
        sleep: (duration, signal) => systemClock.sleep(millis(Math.min(duration, 20)), signal),
      },
      log,
      ...changes,
    };
    const slot = new WorkerSlot(parts);
    const running = slot.run({
      stop: signals.stop.signal,
      abandon: signals.abandon.signal,
      late: signals.late.signal,
    });
    return { slot, running, threads, gaveBack, heard, failures, log };
  }

  const counted = ({ slot }: ReturnType<typeof aSlot>): number =>
    slot.counted
      .flat()
      .flatMap(({ values }) => values)
      .reduce((sum, { value }) => sum + value, 0);
  const soon = (): AbortSignal => AbortSignal.timeout(20_000);
  const asked = { about: 'health', route: 'A' } as const;

  it('asks a worker, and stops it when it is told', async () => {
    const { slot, running, gaveBack, threads } = aSlot(good);
    await vi.waitUntil(() => slot.down === undefined, 20_000);
    expect(await slot.ask(asked, soon())).toEqual({ health: { state: 'up' } });
    signals.stop.abort();
    expect(await running).toBe(0);
    expect(threads).toEqual(['me-w1.1']);
    expect(gaveBack).toEqual([]);
  });

  it.each([
    ['an error that nobody catches', "throw new Error('a bug')", 'a bug'],
    ['a promise that nobody awaits', "Promise.reject(new Error('a bug'))", 'a bug'],
    ['an exit', 'process.exit(7)', 'it ended with code 7'],
    [
      'running out of memory',
      // Little by little: what outgrows the limit by 16 MiB before Node can end the thread ends the whole process.
      `const all = [];
      setInterval(() => { for (let n = 0; n < 100; n++) all.push(new Array(1_000).fill(n)); }, 1);`,
      'Worker terminated due to reaching memory limit: JS heap out of memory',
    ],
  ])(
    'begins another thread after %s, and gives back what the first one held',
    async (_, script, why) => {
      const { slot, running, threads, gaveBack, failures } = aSlot(`${ready} ${script}`, good);
      const reasons: (string | undefined)[] = [];
      await vi.waitUntil(
        () => {
          reasons.push(slot.down?.reason);
          return threads.length === 2 && slot.down === undefined;
        },
        { timeout: 20_000, interval: 1 },
      );
      expect(gaveBack).toEqual(['me-w1.1 A']);
      expect(reasons).toContain(why);
      expect(failures.count).toBe(1);
      signals.stop.abort();
      await running;
    },
  );

  it('is down, with the reason, while no thread gets ready', async () => {
    const { slot, running, threads } = aSlot("throw new Error('no such file')");
    await vi.waitUntil(() => threads.length > 2, 20_000);
    expect(slot.down?.reason).toBe('no such file');
    signals.stop.abort();
    expect(await running).toBe(1);
  });

  it('keeps what dead threads have counted', async () => {
    const world = aSlot(`${ready} process.exit()`, `${ready} process.exit()`, good);
    const seen: number[] = [];
    await vi.waitUntil(
      () => {
        seen.push(counted(world));
        return world.threads.length === 3 && world.slot.down === undefined;
      },
      { timeout: 20_000, interval: 1 },
    );
    expect(counted(world)).toBe(6);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    signals.stop.abort();
    await world.running;
    expect(counted(world)).toBe(9);
  });

  it('rejects a question that the worker does not live to answer, or does not answer in time', async () => {
    const { slot, running, threads } = aSlot(
      `${ready} port.on('message', () => process.exit(0))`,
      ready + "port.on('message', () => 0)",
    );
    await vi.waitUntil(() => slot.down === undefined, 20_000);
    await expect(slot.ask(asked, soon())).rejects.toThrow('the worker is gone');
    await vi.waitUntil(() => threads.length === 2 && slot.down === undefined, 20_000);
    await expect(slot.ask(asked, AbortSignal.timeout(50))).rejects.toThrow('timeout');
    signals.stop.abort();
    signals.late.abort();
    await running;
  });

  it('ends a worker that does not stop in time, and gives back what it held', async () => {
    const { slot, running, gaveBack } = aSlot(`${ready} setTimeout(() => { for (;;); }, 50)`);
    await vi.waitUntil(() => slot.down === undefined, 20_000);
    signals.stop.abort();
    signals.late.abort();
    expect(await running).toBe(1);
    expect(gaveBack).toEqual(['me-w1.1 A']);
  });

  it('ends a worker that gives no sign of life', async () => {
    const { slot, running, failures } = aSlot(`${ready} for (;;);`, good);
    await vi.waitUntil(() => failures.count === 1 && slot.down === undefined, 20_000);
    signals.stop.abort();
    await running;
  }, 30_000);

  it('does not wait for a thread that the operating system keeps, and gives back what it held', async () => {
    const pipe = path.join(await mkdtemp(path.join(tmpdir(), 'sluice-slot-')), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const stuck = `require('node:fs').openSync(${JSON.stringify(pipe)}, 'w');`;
    const { running, slot, gaveBack } = aSlot(`${ready} setImmediate(() => { ${stuck} });`);
    await vi.waitUntil(() => slot.down === undefined, 20_000);

    signals.stop.abort();
    signals.late.abort();

    await expect(running).resolves.toBe(1);
    expect(gaveBack).toEqual(['me-w1.1 A']);
    // The thread's call returns, so that this process can end.
    closeSync(openSync(pipe, 'r+'));
    await rm(path.dirname(pipe), { recursive: true });
  });

  it('begins again, after a pause that doubles up to a minute, what cannot even be made', async () => {
    const clock = new FakeClock();
    const starts: number[] = [];
    const begun = clock.elapsed();
    const spawn = (): Worker => {
      starts.push((clock.elapsed() - begun) / 1000);
      throw new Error('no such file');
    };
    const { slot, running, failures } = aSlotWith({ clock, spawn }, []);

    await clock.advance(200_000);

    expect(starts).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
    expect(failures.count).toBe(starts.length);
    expect(slot.down).toEqual({ reason: 'no such file', since: begun });
    signals.stop.abort();
    expect(await running).toBe(1);
  });

  it('counts failures anew after a thread that was well for a minute', async () => {
    const clock = new FakeClock();
    const tells = `${ready} port.on('message', ({ kind }) => {
      if (kind === 'announce') process.exit();
      if (kind === 'relieve') ${say("{ kind: 'idle' }")}
    });`;
    const { slot, running, threads, heard, failures } = aSlotWith({ clock }, [
      ...['process.exit()', 'process.exit()', tells, good],
    ]);
    const seen = (failed: number) => vi.waitUntil(() => failures.count === failed, 20_000);
    await seen(1);
    await clock.advance(1_000);
    await seen(2);
    await clock.advance(2_000);
    await vi.waitUntil(() => slot.down === undefined, 20_000);
    for (const second of [30_000, 30_000]) {
      await clock.advance(second);
      // A sign of life, so that it is not ended for its silence.
      const signs = heard.length;
      slot.tell({ kind: 'relieve', route: 'A', list: 'one', upTo: '0-0' });
      await vi.waitUntil(() => heard.length > signs, 20_000);
    }
    slot.tell({ kind: 'announce', lists: [] });
    await seen(3);
    await clock.advance(999);
    expect(threads).toHaveLength(3);
    await clock.advance(1);
    expect(threads).toHaveLength(4);
    await vi.waitUntil(() => slot.down === undefined, 20_000);
    signals.stop.abort();
    expect(await running).toBe(0);
  });

  it('gives back what a thread leaves unanswered at a stop, and says how much that is', async () => {
    const leaving = `${ready} port.on('message', () => {
      ${say(`{ kind: 'ended', unsettled: 3, state: ${state(2)} }`)}
    });`;
    const { slot, running, gaveBack, failures, log } = aSlot(leaving);
    await vi.waitUntil(() => slot.down === undefined, 20_000);

    signals.stop.abort();

    expect(await running).toBe(3);
    expect(gaveBack).toEqual(['me-w1.1 A']);
    expect(failures.count).toBe(0);
    expect(log.warnings()).toEqual([]);
  });

  it('tells a thread first to stop and then to abandon what is under way', async () => {
    const slow = `${ready} port.on('message', ({ kind }) => {
      ${say("{ kind: 'log', line: kind }")}
      if (kind === 'abandon') ${say(`{ kind: 'ended', unsettled: 1, state: ${state(2)} }`)}
    });`;
    const lines: string[] = [];
    const onMessage = (message: FromWorker): void => {
      if (message.kind === 'log') lines.push(message.line);
    };
    const { slot, running } = aSlotWith({ onMessage }, [slow]);
    await vi.waitUntil(() => slot.down === undefined, 20_000);

    signals.stop.abort();
    await vi.waitUntil(() => lines.length === 1, 20_000);
    signals.abandon.abort();

    expect(await running).toBe(1);
    expect(lines).toEqual(['stop', 'abandon']);
  });
});
