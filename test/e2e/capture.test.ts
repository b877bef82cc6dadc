import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { msgpackDecoder } from '../../src/record/msgpack/decoder.ts';
import { type Child, launch, scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { needRedis, startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';
import { startPump } from './pump.ts';

const unavailable = await whyUnavailable(needRedis);
const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const own = fileURLToPath(new URL('../../dist/src/capture.js', import.meta.url));
const key = 'analytics-tyk-system-analytics';

const stopped = stoppedAfterEach();

/** A server that says hello. */
async function anUpstream(): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"hello":"world"}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  stopped({
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(resolve);
      });
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The program with these words, and where its first source listens. */
async function capture(argv: readonly string[], program = main) {
  let output = '';
  const words = program === main ? ['capture', ...argv] : argv;
  const onOutput = (text: string): void => {
    output += text;
  };
  const child: Child = stopped(launch(process.execPath, [program, ...words], { onOutput }));
  const address = (): string | undefined => /listens_at="?(http:\S+?)"?\s/.exec(output)?.[1];
  await until('it has begun, or ended', () => address() !== undefined || !child.isRunning());
  return { child, output: () => output, url: address() ?? '' };
}

async function configured(redis: { readonly host: string; readonly port: number }, more = '') {
  const dir = await scratchFolder('capture');
  const file = path.join(dir, 'capture.yaml');
  const upstream = await anUpstream();
  await writeFile(
    file,
    `storage: {host: ${redis.host}, port: ${redis.port}}
sources:
  - type: gateway
    listen: 127.0.0.1:0
    target: ${upstream}
${more}`,
  );
  return { dir, file };
}

const call = async (url: string): Promise<void> => {
  const response = await fetch(url, { headers: { authorization: 'Bearer hunter2hunter2hunter2' } });
  expect(await response.json()).toEqual({ hello: 'world' });
};

describe('sluice capture', () => {
  it('shows calls on one laptop without anything else', async () => {
    const target = await anUpstream();
    const { child, output, url } = await capture([
      ...['gateway', '--listen', '127.0.0.1:0', '--target', target, '--to', 'stdout'],
    ]);

    await call(`${url}/orders/7`);

    await until('the record is shown', () => output().includes('/orders/7'));
    expect(output()).not.toContain('hunter2');
    await child.stop();
    expect(child.exit()).toEqual({ code: 0, signal: null });
  });

  it('names everything that is wrong with a file, and does not start', async () => {
    const { file } = await configured({ host: 'redis', port: 1 }, '    lisen: 1\nrecrd: {}\n');

    const { child, output } = await capture(['--conf', file], own);

    await until('it ends', () => !child.isRunning());
    expect(child.exit()?.code).toBe(1);
    expect(output()).toMatch(/capture\.yaml:6:5: sources\[0\]\.lisen: .*listen/);
    expect(output()).toMatch(/capture\.yaml:7:1: recrd: .*record/);
    const checked = await capture(['validate', '--conf', file]);
    await until('it ends', () => !checked.child.isRunning());
    expect(checked.child.exit()?.code).toBe(1);
    expect(checked.output()).toMatch(/6 \| {5}lisen: …?/);
  });
});

describe.skipIf(unavailable !== undefined)('sluice capture with a Redis', () => {
  it('leaves records that a pump delivers like those of a gateway', async () => {
    const redis = stopped(await startRedis());
    const { file } = await configured(redis);
    const { child, url } = await capture(['--conf', file], own);
    for (let number = 0; number < 20; number++) await call(`${url}/orders/${number}`);
    await child.stop();
    expect(child.exit()).toEqual({ code: 0, signal: null });
    expect(await redis.client.llen(key)).toBe(20);

    const pumps = { csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } } };
    const pump = stopped(await startPump({ redis, pumps }));

    const rows = async (): Promise<readonly string[]> => {
      const dir = path.join(pump.dir, 'csv');
      const files = await readdir(dir).catch(() => []);
      const texts = await Promise.all(files.map((name) => readFile(path.join(dir, name), 'utf8')));
      return texts
        .join('')
        .split('\n')
        .filter((line) => line.includes('/orders/'));
    };
    await until('they are delivered', async () => (await rows()).length === 20);
  });

  it('killed, has lost nothing that is older than its flush time', async () => {
    const redis = stopped(await startRedis());
    const { file } = await configured(redis);
    const { child, url } = await capture(['--conf', file]);
    for (let number = 0; number < 50; number++) await call(`${url}/${number}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 1000);
    });

    await child.kill9();

    const elements = await redis.client.lrangeBuffer(key, 0, -1);
    const chunk = msgpackDecoder.decode(elements);
    const paths = elements.map((_, at) => chunk.record(at)?.text('path'));
    expect(paths).toEqual(Array.from({ length: 50 }, (_, number) => `/${number}`));
    const raw = elements.map((_, at) => chunk.record(at)?.text('raw_request') ?? '');
    const request = Buffer.from(raw[0] ?? '', 'base64').toString();
    expect(request).toMatch(/^GET \/0 HTTP\/1\.1\r\n/);
    expect(request).not.toContain('hunter2');
  });

  it('serves calls while Redis is away, and records them when it is back', async () => {
    const redis = stopped(await startRedis({ aof: true }));
    const { file } = await configured(redis);
    const { output, url } = await capture(['--conf', file]);
    await redis.kill9();

    for (let number = 0; number < 10; number++) await call(`${url}/${number}`);
    await until('it says so', () => output().includes('Records wait'));
    await redis.start();

    await until('they are there', async () => (await redis.client.llen(key)) === 10);
    await until('it says so', () => output().includes('Records are written again.'));
  });
});
