import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const list = 'analytics-tyk-system-analytics';

let redis: RedisServer;
let server: Server;
let refuses: boolean;
let pump: PumpProcess | undefined;

beforeEach(async () => {
  redis = await startRedis();
  refuses = true;
  server = createServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(refuses ? 400 : 204, { 'content-type': 'application/json' });
      response.end(refuses ? '{"error":"partial write: no dropped=1000000"}' : '');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterEach(async () => {
  await pump?.stop();
  await redis.stop();
  server.closeAllConnections();
  server.close();
});

async function start(): Promise<PumpProcess> {
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  pump = await startPump({
    redis,
    own: { lease: '1s' },
    pumps: {
      csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } },
      influx: { type: 'influx', meta: { address, database_name: 'd', fields: ['path'] } },
    },
  });
  return pump;
}

const sluice = ({ dir }: PumpProcess, ...args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const conf = path.join(dir, 'pump.json');
    execFile(process.execPath, [main, ...args, '--conf', conf], (_error, out, err) =>
      resolve(out + err),
    );
  });

interface StatusJson {
  readonly routes: readonly { readonly route: string }[];
  readonly dead_letters: readonly { readonly route: string; readonly now: number }[];
}

interface LettersJson {
  readonly letters: readonly { readonly base64: string }[];
}

it('tells of dead letters what is true, and of elements claimed anew once', async () => {
  await pushRecords(redis, 6);
  await redis.client.rpush(list, 'no record', 'nor this', 'neither', 'nothing');
  const running = await start();
  await untilDrained(redis);
  const status = (): Promise<string> => sluice(running, 'status');
  expect(await status()).toMatch(/INFLUX +10 +0 +10 +0/);
  expect(await status()).toMatch(/INFLUX +6 +6 +0 +0 +0 +0 +0\n/);

  expect(await sluice(running, 'dead', 'purge', '--all', '--route', 'nosuch')).toContain(
    'no route nosuch (there are CSV, INFLUX, undecodable)',
  );
  const [purged = ''] =
    /\d+-\d+-\w+:\d+/.exec(await sluice(running, 'dead', 'ls', '--route', 'influx')) ?? [];
  await sluice(running, 'dead', 'purge', '--route', 'influx', '--id', purged);
  refuses = false;
  expect(await sluice(running, 'dead', 'retry', '--route', 'INFLUX', '--all')).toMatch(
    /5 dead letters to be tried again.*\nINFLUX: a running instance delivers them\./,
  );
  await expect.poll(status, { timeout: 30_000 }).toMatch(/INFLUX +6 +0 +5 +1 +0 +0 +0\n/);
  expect(await status()).toMatch(/INFLUX +10 +0 +10 +0/);

  expect(await sluice(running, 'dead', 'retry', '--route', 'undecodable', '--all')).toMatch(
    /4 dead letters.*\nWhat is no record is back in its list: a running instance claims it\./,
  );
  await expect.poll(status, { timeout: 30_000 }).toMatch(/undecodable +8 +4 +0 +0 +0 +4 +0\n/);
  await untilDrained(redis);
  const { routes, dead_letters: letters } = JSON.parse(
    await sluice(running, 'status', '--json'),
  ) as StatusJson;
  expect(routes.find(({ route }) => route === 'CSV')).toMatchObject({
    ...{ claimed: 10, pending: 0, lag_seconds: 0 },
    booked: { delivered: 6, rejected: 4 },
  });
  expect(letters.map(({ route, now }) => [route, now])).toEqual([
    ['INFLUX', 0],
    ['undecodable', 4],
  ]);
  const dead = JSON.parse(await sluice(running, 'dead', 'show', '--json')) as LettersJson;
  expect(Buffer.from(dead.letters[0]?.base64 ?? '', 'base64').toString()).toMatch(
    /^(?:no|neither|nothing)/,
  );
  expect(await status()).toMatch(/CSV +10 +6 +4 +0 +0 +0 +0 +0 /);
  expect(await status()).toMatch(/INFLUX +10 +0 +10 +0 +0 +0 +0 +0 /);
});

it('says that nobody delivers where no instance runs', async () => {
  await pushRecords(redis, 3);
  const stopped = await start();
  await untilDrained(redis);
  await stopped.stop();
  await expect
    .poll(() => sluice(stopped, 'dead', 'retry', '--all'), { timeout: 30_000 })
    .toMatch(/3 dead letters.*\nINFLUX: no instance runs that delivers them/);
});
