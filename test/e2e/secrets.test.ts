import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { type PumpProcess, startPump } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

const password = 'S3cret/"Part\\1';
const token = 'tok-en/4+splunk%';
const apiKey = 'key:of=elastic&1';
const stored = 'from-the-store';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Every way in which a secret could be seen. */
const leaks = [password, token, apiKey, stored].flatMap((secret) => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  base64(secret),
]);
leaks.push(base64(`shipper:${password}`), base64(`id:${apiKey}`));

let redis: RedisServer;
let server: Server;
let pump: PumpProcess;

/** Repeats all it was sent in its errors, in every form. */
beforeAll(async () => {
  redis = await startRedis();
  server = createServer((request, response) => {
    const said = request.headers.authorization ?? '';
    const all = [said, ...leaks].join(' | ');
    const error = `database is what it is: ${all}; dropped=100000`;
    const isInflux = request.url?.startsWith('/write') === true;
    request.resume().once('end', () => {
      response.writeHead(isInflux ? 400 : 401, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(
          isInflux ? { error } : { error: { type: 'x', reason: all }, message: all, text: all },
        ),
      );
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const at = `127.0.0.1:${port}`;
  await pushRecords(redis, 20);
  pump = await startPump({
    redis,
    own: { workers: 2 },
    kv: { stores: { env: { type: 'env', config: { prefix: 'STORE_' } } } },
    env: { STORE_ONE: stored },
    pumps: {
      influx: {
        type: 'influx',
        meta: {
          address: `http://shipper:${encodeURIComponent(password)}@${at}`,
          database_name: 'd',
          fields: ['path'],
        },
      },
      influx2: {
        type: 'influx2',
        meta: { address: `http://${at}`, token: 'kv://env/ONE', fields: ['path'], bucket: 'b' },
      },
      splunk: { type: 'splunk', meta: { collector_url: `http://${at}`, collector_token: token } },
      elastic: {
        type: 'elasticsearch',
        meta: {
          elasticsearch_url: `http://${at}`,
          auth_api_key_id: 'id',
          auth_api_key: apiKey,
          version: '8',
        },
      },
    },
  });
});
afterAll(async () => {
  await pump.stop();
  await redis.stop();
  server.close();
});

const sluice = (...args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const conf = path.join(pump.dir, 'pump.json');
    const env = { ...process.env, STORE_ONE: stored };
    execFile(
      process.execPath,
      [main, ...args, ...(args.includes('--conf') ? [] : ['--conf', conf])],
      { env },
      (_error, out, err) => resolve(out + err),
    );
  });

function expectNoSecret(text: string): void {
  expect(leaks.filter((leak) => text.includes(leak))).toEqual([]);
}

it('shows no secret that a server repeats, wherever a reason goes', async () => {
  const ready = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${pump.healthPort}/ready`)).text();
  await expect.poll(ready, { timeout: 20_000 }).toContain('[secret]');
  await expect.poll(() => sluice('dead', 'ls'), { timeout: 20_000 }).toMatch(/INFLUX +invalid/);

  expectNoSecret(await ready());
  expectNoSecret(await (await fetch(`http://127.0.0.1:${pump.healthPort}/metrics`)).text());
  const shown = await sluice('dead', 'show', '--limit', '1');
  expect(shown).toMatch(/reason: .*\[secret\]/);
  expectNoSecret(shown);
  const values = await redis.client.hvals('{analytics-tyk-system-analytics}:dead:INFLUX');
  expect(values.join()).toContain('[secret]');
  expectNoSecret(values.join());
  const connected = await sluice('validate', '--connect');
  expect(connected).toContain('[secret]');
  expectNoSecret(connected);
  expect(pump.output()).toContain('[secret]');
  expectNoSecret(pump.output());
});

it('says what is wrong with an address without a character of it', async () => {
  const conf = path.join(pump.dir, 'pump.json');
  const text = await readFile(conf, 'utf8');
  const broken = path.join(pump.dir, 'broken.json');
  await writeFile(
    broken,
    text.replace(/http:\/\/shipper:[^@]*@/, 'http://shipper:123/S3cretPart@'),
  );

  const said = await sluice('validate', '--conf', broken);

  expect(said).toContain('pumps.influx.meta.address');
  expect(said).not.toMatch(/S3cretPart|shipper/);
});
