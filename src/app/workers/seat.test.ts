import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { bytes, millis } from '../../lib/units.ts';
import type { Duty, FromWorker } from './messages.ts';
import { Seat, type SeatParts } from './seat.ts';

const metrics = (value: number) =>
  `[{ name: 'a_total', help: '', type: 'counter', aggregator: 'sum', values: [{ value: ${value}, labels: {} }] }]`;
const say = (message: string): string => `port.postMessage(${message});`;
const ready = `${say(`{ kind: 'state', state: { metrics: ${metrics(2)}, spill: [] } }`)}
${say("{ kind: 'ready' }")}`;
/** Answers questions, and ends when it is told to stop. */
const good = `${ready} port.on('message', (message) => {
  if (message.kind === 'ask') ${say("{ kind: 'answer', id: message.id, answer: { health: { state: 'up' } } }")}
  if (message.kind === 'stop') ${say(`{ kind: 'ended', unsettled: 0, state: { metrics: ${metrics(5)}, spill: [] } }`)}
});`;

describe('Seat, with real threads', () => {
  const signals = {
    stop: new AbortController(),
    abandon: new AbortController(),
    late: new AbortController(),
  };
  afterEach(() => {
    for (const signal of ['stop', 'abandon', 'late'] as const)
      signals[signal] = new AbortController();
  });

  /** A seat whose lives run these scripts, the last one again and again. */
  function aSeat(...scripts: readonly string[]) {
    const lives: string[] = [];
    const gaveBack: string[] = [];
    const heard: FromWorker['kind'][] = [];
    const failures = { count: 0 };
    const parts: SeatParts = {
      duty: {
        worker: 1,
        assignments: [{ route: 'A', inFlight: 1, inFlightBytes: bytes(1), retriesLetters: true }],
        others: [],
        cacheBytes: 1,
        spillBytes: 1,
      },
      consumer: 'me',
      spawn({ consumer }: Duty) {
        const script = scripts[Math.min(lives.length, scripts.length - 1)] ?? '';
        lives.push(consumer);
        const code = `const port = require('node:worker_threads').parentPort; ${script}`;
        return new Worker(code, { eval: true });
      },
      turn: () => Promise.resolve(() => undefined),
      onMessage: ({ kind }) => heard.push(kind),
      giveBack(consumer, routes) {
        gaveBack.push(`${consumer} ${routes.join()}`);
        return Promise.resolve();
      },
      onChange: () => undefined,
      onFailure: () => failures.count++,
      // The pauses between lives are not what is tested.
      clock: {
        ...systemClock,
        sleep: (duration, signal) => systemClock.sleep(millis(Math.min(duration, 20)), signal),
      },
      log: silentLog,
    };
    const seat = new Seat(parts);
    const running = seat.run({
      stop: signals.stop.signal,
      abandon: signals.abandon.signal,
      late: signals.late.signal,
    });
    return { seat, running, lives, gaveBack, heard, failures };
  }

  const counted = ({ seat }: ReturnType<typeof aSeat>): number =>
    seat.counted
      .flat()
      .flatMap(({ values }) => values)
      .reduce((sum, { value }) => sum + value, 0);
  const soon = AbortSignal.timeout(5000);
  const asked = { about: 'health', route: 'A' } as const;

  it('asks a worker, and stops it when it is told', async () => {
    const { seat, running, gaveBack, lives } = aSeat(good);
    await vi.waitUntil(() => seat.down === undefined, 5000);
    expect(await seat.ask(asked, soon)).toEqual({ health: { state: 'up' } });
    signals.stop.abort();
    expect(await running).toBe(0);
    expect(lives).toEqual(['me-w1.1']);
    expect(gaveBack).toEqual([]);
  });

  it.each([
    ['an error that nobody catches', "throw new Error('a bug')", 'a bug'],
    ['a promise that nobody awaits', "Promise.reject(new Error('a bug'))", 'a bug'],
    ['an exit', 'process.exit(7)', 'it ended with code 7'],
  ])(
    'begins another life after %s, and gives back what the first one held',
    async (_, script, why) => {
      const { seat, running, lives, gaveBack, failures } = aSeat(`${ready} ${script}`, good);
      const reasons: (string | undefined)[] = [];
      await vi.waitUntil(
        () => {
          reasons.push(seat.down?.reason);
          return lives.length === 2 && seat.down === undefined;
        },
        { timeout: 5000, interval: 1 },
      );
      expect(gaveBack).toEqual(['me-w1.1 A']);
      expect(reasons).toContain(why);
      expect(failures.count).toBe(1);
      signals.stop.abort();
      await running;
    },
  );

  it('is down, with the reason, while no life gets ready', async () => {
    const { seat, running, lives } = aSeat("throw new Error('no such file')");
    await vi.waitUntil(() => lives.length > 2, 5000);
    expect(seat.down?.reason).toBe('no such file');
    signals.stop.abort();
    expect(await running).toBe(1);
  });

  it('keeps what dead lives have counted', async () => {
    const world = aSeat(`${ready} process.exit()`, `${ready} process.exit()`, good);
    const seen: number[] = [];
    await vi.waitUntil(
      () => {
        seen.push(counted(world));
        return world.lives.length === 3 && world.seat.down === undefined;
      },
      { timeout: 5000, interval: 1 },
    );
    expect(counted(world)).toBe(6);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    signals.stop.abort();
    await world.running;
    expect(counted(world)).toBe(9);
  });

  it('rejects a question that the worker does not live to answer, or does not answer in time', async () => {
    const { seat, running, lives } = aSeat(
      `${ready} port.on('message', () => process.exit(0))`,
      ready + "port.on('message', () => 0)",
    );
    await vi.waitUntil(() => seat.down === undefined, 5000);
    await expect(seat.ask(asked, soon)).rejects.toThrow('the worker is gone');
    await vi.waitUntil(() => lives.length === 2 && seat.down === undefined, 5000);
    await expect(seat.ask(asked, AbortSignal.timeout(50))).rejects.toThrow('timeout');
    signals.stop.abort();
    signals.late.abort();
    await running;
  });

  it('ends a worker that does not stop in time, and gives back what it held', async () => {
    const { seat, running, gaveBack } = aSeat(`${ready} setTimeout(() => { for (;;); }, 50)`);
    await vi.waitUntil(() => seat.down === undefined, 5000);
    signals.stop.abort();
    signals.late.abort();
    expect(await running).toBe(1);
    expect(gaveBack).toEqual(['me-w1.1 A']);
  });

  it('ends a worker that gives no sign of life', async () => {
    const { seat, running, failures } = aSeat(`${ready} for (;;);`, good);
    await vi.waitUntil(() => failures.count === 1 && seat.down === undefined, 20_000);
    signals.stop.abort();
    await running;
  }, 30_000);

  it('does not wait for a thread that the operating system keeps, and gives back what it held', async () => {
    const pipe = path.join(await mkdtemp(path.join(tmpdir(), 'sluice-seat-')), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const stuck = `require('node:fs').openSync(${JSON.stringify(pipe)}, 'w');`;
    const { running, seat, gaveBack } = aSeat(`${ready} setImmediate(() => { ${stuck} });`);
    await vi.waitFor(() => expect(seat.down).toBeUndefined());

    signals.stop.abort();
    signals.late.abort();

    await expect(running).resolves.toBe(1);
    expect(gaveBack).toEqual(['me-w1.1 A']);
    // The thread's call returns, so that this process can end.
    closeSync(openSync(pipe, 'r+'));
    await rm(path.dirname(pipe), { recursive: true });
  });
});
