import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { type PumpProcess, startPump } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

let redis: RedisServer;
let pump: PumpProcess;
beforeEach(async () => {
  redis = await startRedis();
  pump = await startPump({
    redis,
    pumps: {
      csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } },
      // Nobody listens there.
      away: { type: 'elasticsearch', meta: { elasticsearch_url: 'http://127.0.0.1:9' } },
    },
  });
});
afterEach(async () => {
  await pump.stop();
  await redis.stop();
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const sluice = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const conf = path.join(pump.dir, 'pump.json');
    const given = args[0] === 'new' ? args : [...args, '--conf', conf];
    execFile(process.execPath, [main, ...given], { cwd: pump.dir }, (error, out, err) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ code, out, err });
    });
  });

it('compares the file with the running instance, and says how its sinks stand', async () => {
  await expect
    .poll(() => sluice('config', '--diff'), { timeout: 30_000 })
    .toEqual({
      ...{ code: 0, err: '' },
      out: 'The running instance has this configuration. Secrets are not compared.\n',
    });
  await pushRecords(redis, 100);
  await expect
    .poll(async () => (await sluice('status')).out, { timeout: 30_000 })
    .toMatch(/SINKS HERE[^]*\nAWAY +opening +down [^\n]*127\.0\.0\.1:9/);

  const file = path.join(pump.dir, 'pump.json');
  const written = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...written, max_record_size: 1234 }));
  const { code, out } = await sluice('config', '--diff');
  expect(code).toBe(1);
  expect(out).toMatch(/^max_record_size +0 +1234$/m);
});

it('says what became of a record, pump by pump, and exports what is none', async () => {
  await redis.client.rpush('analytics-tyk-system-analytics', 'no record');
  await expect
    .poll(async () => (await sluice('dead', 'export')).out, { timeout: 30_000 })
    .toContain('"base64":');
  const letter = JSON.parse((await sluice('dead', 'export')).out) as {
    readonly id: string;
    readonly base64: string;
  };
  expect(Buffer.from(letter.base64, 'base64').toString()).toBe('no record');
  expect((await sluice('explain', letter.id)).out).toMatch(/undecodable: a dead letter \(/);

  await pushRecords(redis, 100);
  const segment = async (): Promise<string> =>
    (await redis.client.keys('*:seg:*')).sort().at(-1) ?? '';
  await expect.poll(segment, { timeout: 30_000 }).not.toBe('');
  const id = `${(await segment()).replace(/^.*:seg:/, '')}:0`;
  await expect
    .poll(async () => (await sluice('explain', id)).out, { timeout: 30_000 })
    .toMatch(/AWAY: has not come to it yet\n {2}CSV: has answered for it/);
});

it('begins a configuration that it accepts', async () => {
  const made = await sluice('new', 'kafka', 'audit=file', '--output', 'new.conf');
  expect(made).toMatchObject({ code: 0, out: '' });
  const checked = await new Promise<string>((resolve) => {
    const args = [main, 'validate', '--strict', '--conf', 'new.conf'];
    execFile(process.execPath, args, { cwd: pump.dir }, (_error, out, err) => resolve(out + err));
  });
  expect(checked).toBe('ok\n');
});
