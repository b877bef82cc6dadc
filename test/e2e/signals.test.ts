/** What a terminal or a supervisor sends to a built process, and what it does then. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, launch, until } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { metric, type PumpProcess, startPump } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const start = (env: Readonly<Record<string, string>> = {}): Promise<PumpProcess> =>
  startPump({ redis, pumps: { dummy: { type: 'dummy' } }, own: { lease: '2s' }, env });

const runs = (pump: PumpProcess): Promise<void> =>
  until('it runs', () => pump.output().includes('Starting purge loop'));

describe('a service', () => {
  it('goes on at signals that mean nothing to it, says so, and does not open the inspector', async () => {
    const inspector = await freePort();
    const pump = await start({ NODE_OPTIONS: `--inspect-port=${inspector}` });
    try {
      await runs(pump);
      const said = ['SIGUSR1', 'SIGUSR2'] as const;
      for (const signal of [...said, 'SIGPIPE', 'SIGXFSZ'] as const) process.kill(pump.pid, signal);
      for (const signal of said)
        await until(`${signal} is said`, () =>
          pump.output().includes(`message="A signal was ignored." prefix=main signal=${signal}`),
        );
      await expect(fetch(`http://127.0.0.1:${inspector}/json`)).rejects.toThrow('fetch failed');
      expect(pump.output()).not.toContain('Debugger');
      const before = await metric(pump, 'sluice_records_total', { outcome: 'delivered' });
      await pushRecords(redis, 100);
      await expect
        .poll(() => metric(pump, 'sluice_records_total', { outcome: 'delivered' }), {
          timeout: 20_000,
        })
        .toBe(before + 100);
    } finally {
      await pump.stop();
    }
    expect(pump.exit()).toEqual({ code: 0, signal: null });
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)('stops in order at %s', async (signal) => {
    const pump = await start();
    try {
      await runs(pump);
      process.kill(pump.pid, signal);
      await until('it is gone', () => !pump.isRunning());
    } finally {
      await pump.kill9();
    }
    expect(pump.output()).toContain('message="Tyk-pump stopped."');
    expect(pump.exit()).toEqual({ code: 0, signal: null });
  });
});

it('is found alive by its health check at the port of its configuration, while it runs', async () => {
  const pump = await start();
  const check = () => {
    const child = launch(process.execPath, [
      main,
      'live',
      '--conf',
      path.join(pump.dir, 'pump.json'),
    ]);
    return until('it is asked', () => !child.isRunning()).then(() => child);
  };
  try {
    await runs(pump);
    const alive = await check();
    expect(alive.output()).toContain(`http://127.0.0.1:${pump.healthPort}/live: 200`);
    expect(alive.exit()).toEqual({ code: 0, signal: null });
  } finally {
    await pump.stop();
  }
  const gone = await check();
  expect(gone.output()).toContain('ECONNREFUSED');
  expect(gone.exit()).toEqual({ code: 1, signal: null });
});

it('ends a command when its terminal is closed', async () => {
  const to = `--redis=${redis.host}:${redis.port}`;
  const command = launch(process.execPath, [
    main,
    'generate',
    to,
    '--records=1000000',
    '--rate=10',
  ]);
  try {
    const key = 'analytics-tyk-system-analytics';
    await until('it writes', async () => (await redis.client.exists(key)) > 0, 20_000);
    process.kill(command.pid, 'SIGHUP');
    await until('it is gone', () => !command.isRunning());
  } finally {
    await command.kill9();
  }
  expect(command.exit()).toEqual({ code: 130, signal: null });
});
