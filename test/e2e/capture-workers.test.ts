import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Child, launch, until } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';

const program = fileURLToPath(new URL('../../dist/src/capture.js', import.meta.url));
const list = 'analytics-tyk-system-analytics';
const origin = createServer((_, response) => response.end('here'));
let redis: RedisServer;
let folder: string;
let child: Child | undefined;

beforeAll(async () => {
  redis = await startRedis();
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-workers-'));
  await new Promise<void>((resolve) => {
    origin.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(async () => {
  await redis.stop();
  origin.close();
  origin.closeAllConnections();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  await child?.stop();
  child = undefined;
  await redis.client.flushall();
});

const start = async (port: string): Promise<Child> => {
  const file = path.join(folder, 'capture.yaml');
  const target = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  await writeFile(
    file,
    `workers: 2
shutdown_timeout: 5s
storage: {host: 127.0.0.1, port: ${redis.port}}
admin: {listen: "127.0.0.1:0"}
sources: [{type: gateway, listen: "127.0.0.1:${port}", target: "${target}"}]
`,
  );
  return launch(process.execPath, [program, '--conf', file]);
};

/** Two workers that have begun. */
async function workers() {
  const running = await start('0');
  child = running;
  await until('all have begun', () => running.output().includes('All workers have begun'));
  const address = /listens_at="(http:[^"]+)"/.exec(running.output())?.[1] ?? '';
  const pages = /address="([^"]+)"/.exec(running.output())?.[1] ?? '';
  return {
    running,
    /** Each on a connection of its own. */
    call: async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        const answer = await fetch(address, { headers: { connection: 'close' } });
        expect(await answer.text()).toBe('here');
      }
    },
    pids: async (): Promise<readonly number[]> => {
      const { workers: all } = (await (await fetch(`http://${pages}/ready`)).json()) as {
        readonly workers: readonly { readonly pid?: number; readonly ready: boolean }[];
      };
      return all.flatMap(({ pid, ready }) => (ready && pid !== undefined ? [pid] : []));
    },
    counted: async (metric: string): Promise<number> => {
      const text = await (await fetch(`http://${pages}/metrics`)).text();
      const lines = text.split('\n').filter((line) => line.startsWith(`${metric} `));
      expect(lines, metric).toHaveLength(1);
      return Number(lines[0]?.split(' ')[1]);
    },
  };
}

const exchanges = 'sluice_capture_exchanges_total{source="gateway"}';

test('workers share a port, are seen as one, and write what they see', async () => {
  const { running, call, counted, pids } = await workers();
  expect(new Set(await pids()).size).toBe(2);
  await call(10);
  expect(await counted(exchanges)).toBe(10);
  expect(await counted('sluice_build_info{version="0.2.0"}')).toBe(1);
  await running.stop();
  expect(running.exit()?.code).toBe(0);
  expect(await redis.client.llen(list)).toBe(10);
});

test('another one takes the place of a worker that dies, and no counter goes back', async () => {
  const { running, call, counted, pids } = await workers();
  await call(10);
  expect(await counted(exchanges)).toBe(10);
  const [first = 0, second = 0] = await pids();
  process.kill(first, 'SIGKILL');
  await until('it is said', () => running.output().includes('Another one takes its place'));
  await call(10);
  await until('another is there', async () => (await pids()).length === 2);
  const now = await pids();
  expect(now).toContain(second);
  expect(now).not.toContain(first);
  expect(await counted(exchanges)).toBe(20);
  expect(await counted('sluice_capture_workers_replaced_total')).toBe(1);
});

test('a hang-up reaches all of them', async () => {
  const { running } = await workers();
  process.kill(running.pid, 'SIGHUP');
  const read = (): number => running.output().split('has read its files again').length - 1;
  await until('both have read', () => read() === 2);
});

test('workers whose first process is killed end by themselves, with what waits in them written', async () => {
  const { running, call, pids } = await workers();
  const all = await pids();
  await call(4);
  await running.kill9();
  await until('they are gone', () => all.every((pid) => !isThere(pid)));
  expect(await redis.client.llen(list)).toBe(4);
});

test('a port that is taken ends all of them, with the reason', async () => {
  const { port } = origin.address() as AddressInfo;
  const running = await start(String(port));
  child = running;
  await until('it has ended', () => !running.isRunning());
  expect(running.exit()?.code).toBe(1);
  expect(running.output()).toContain('another process listens there');
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
