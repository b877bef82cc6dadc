/** A collector that refuses events, though not the question whether it is there, in the ways that once stopped records for an hour, for ever, or made dead letters of all. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

type Answer = (body: string) => readonly [status: number, headers?: Record<string, string>];

let redis: RedisServer;
let server: Server;
let pump: PumpProcess | undefined;
/** How the collector answers to events. */
let answer: Answer;

beforeEach(async () => {
  redis = await startRedis();
  answer = () => [200];
  server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterEach(async () => {
  await pump?.stop();
  pump = undefined;
  server.closeAllConnections();
  server.close();
  await redis.stop();
});

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const body = Buffer.concat(parts).toString();
  const [status, headers] = request.method === 'POST' && body !== '' ? answer(body) : [200];
  const [text, code] = status === 400 ? ['Invalid data format', 6] : ['Success', 0];
  response.writeHead(status, headers).end(status < 500 ? JSON.stringify({ text, code }) : 'no');
}

async function start(own: Readonly<Record<string, string | number>>): Promise<PumpProcess> {
  const { port } = server.address() as AddressInfo;
  const splunk = {
    type: 'splunk',
    meta: {
      collector_url: `http://127.0.0.1:${port}`,
      collector_token: 't',
      enable_batch: true,
      fields: ['alias'],
    },
    limits: { records: 100 },
  };
  pump = await startPump({
    redis,
    pumps: { splunk, csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } } },
    own: { purge_delay_ms: 100, ...own },
  });
  return pump;
}

const route = 'SPLUNK';
const answered = (of: PumpProcess, outcome: string) =>
  metric(of, 'sluice_records_total', { route, outcome });
const ready = async ({ healthPort }: PumpProcess): Promise<string> =>
  (await fetch(`http://127.0.0.1:${healthPort}/ready`)).text();
const patient = { timeout: 30_000, interval: 200 };

it.each([1, 2])(
  'ends a pause of an hour as soon as it takes others (%i threads)',
  async (workers) => {
    let isFirst = true;
    answer = () => {
      const asks = isFirst;
      isFirst = false;
      return asks ? [503, { 'retry-after': '3600' }] : [200];
    };
    await pushRecords(redis, 1);
    const running = await start({ workers });
    await expect
      .poll(() => ready(running), patient)
      .toContain('because the sink asked for a pause');
    const paused = () => metric(running, 'sluice_paused_records', { route });
    await expect.poll(paused, patient).toBe(1);
    // The thread whose sink asked for it has to take others; another one may take the first of them.
    let pushed = 1;
    while ((await paused()) > 0) {
      await pushRecords(redis, 10, { from: pushed });
      pushed += 10;
      await untilDrained(redis, 1_000).catch(() => undefined);
    }
    await untilDrained(redis);

    await expect.poll(() => answered(running, 'delivered'), patient).toBe(pushed);
    expect(await ready(running)).not.toContain('asked for a pause');
  },
  90_000,
);

it('gives up the one record that is never taken, while its siblings go on', async () => {
  let poison: string | undefined;
  answer = (body) => {
    poison ??= /"alias":"[^"]*"/.exec(body)?.[0];
    return [poison !== undefined && body.includes(poison) ? 500 : 200];
  };
  const own = { backoff_base: '10ms', backoff_max: '100ms', give_up_attempts: 5, at_bound: 'hold' };
  const running = await start(own);
  for (let round = 0; round < 60; round++) {
    await pushRecords(redis, 20, { from: round * 20 });
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  await untilDrained(redis);

  expect(await answered(running, 'rejected')).toBe(1);
  expect(await answered(running, 'delivered')).toBe(1199);
  expect(await metric(running, 'sluice_records_total', { route: 'CSV' })).toBe(1200);
}, 90_000);

it('makes no dead letters of everything when it refuses everything', async () => {
  answer = () => [400];
  await pushRecords(redis, 600);
  const running = await start({ backoff_max: '500ms' });
  await expect.poll(() => ready(running), patient).toContain('every record is refused');
  expect(await answered(running, 'rejected')).toBe(100);
  answer = () => [200];
  await untilDrained(redis);

  expect(await answered(running, 'rejected')).toBe(100);
  expect(await answered(running, 'delivered')).toBe(500);
}, 90_000);
