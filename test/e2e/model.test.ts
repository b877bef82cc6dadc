/** What an operator does with the API model, with the built programs: learn from captured calls, describe, compare, hold calls to it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { launch, scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, startPump, untilDrained } from './pump.ts';

const unavailable = await whyUnavailable(needRedis);
const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const own = fileURLToPath(new URL('../../dist/src/capture.js', import.meta.url));

const use = stoppedAfterEach();

/** Pets with owners. Its second version has forgotten the names of pets, and has vets. */
async function aShop(): Promise<{ readonly url: string; version: number }> {
  const shop = { url: '', version: 1 };
  const server = createServer((request, response) => {
    const [, kind = '', id = ''] = (request.url ?? '').split('/');
    const body = {
      pets: { id: Number(id), tags: ['a'], ...(shop.version === 1 ? { name: 'Rex' } : {}) },
      owners: { login: id, email: `${id}@example.com`, ...(id > 'c' ? { town: 'Bath' } : {}) },
      vets: shop.version === 1 ? undefined : { id: Number(id) },
    }[kind];
    request.resume().on('end', () => {
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? { error: 'nothing there' }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  use({
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  shop.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return shop;
}

async function aGateway(target: string, redis: RedisServer): Promise<string> {
  const file = path.join(await scratchFolder('model-capture'), 'capture.yaml');
  await writeFile(
    file,
    `storage: {host: ${redis.host}, port: ${String(redis.port)}}
sources:
  - {type: gateway, listen: "127.0.0.1:0", target: "${target}"}
`,
  );
  let output = '';
  use(launch(process.execPath, [own, '--conf', file], { onOutput: (text) => (output += text) }));
  const address = (): string | undefined => /listens_at="?(http:\S+?)"?\s/.exec(output)?.[1];
  await until('the gateway listens', () => address() !== undefined);
  return address() ?? '';
}

const owners = ['ann', 'bob', 'cleo', 'dan'];

async function call(gateway: string, rounds: number, from = 0): Promise<number> {
  let calls = 0;
  for (let at = from; at < from + rounds; at++)
    for (const target of [
      `pets/${String(at)}`,
      `owners/${owners[at % 4] ?? ''}`,
      `vets/${String(at)}`,
    ]) {
      await (await fetch(`${gateway}/${target}`)).text();
      calls++;
    }
  return calls;
}

/** The command's exit code and what it says. */
const sluice = (...words: readonly string[]): Promise<{ code: number; out: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], (error, out) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out }),
    );
  });

describe.skipIf(unavailable !== undefined)('the API model', () => {
  it('learns from captured calls, survives kill -9, and tells what is not as it was', async () => {
    const redis = use(await startRedis());
    const shop = await aShop();
    const gateway = await aGateway(shop.url, redis);
    const dir = await scratchFolder('model');
    const file = path.join(dir, 'model.json');
    const [baseline, later] = [path.join(dir, 'baseline.json'), path.join(dir, 'later.json')];
    const pumpOf = (meta: object) =>
      startPump({
        redis,
        pumps: { model: { type: 'model', meta: { write_every: '100ms', ...meta } } },
        own: { lease: '2s' },
      });
    const known = async (): Promise<number> => {
      const text = await readFile(file, 'utf8').catch(() => '{"calls":0}');
      return (JSON.parse(text) as { readonly calls: number }).calls;
    };

    const victim = use(await pumpOf({ path: file }));
    const first = call(gateway, 60);
    await until('some is learned', async () => (await known()) > 20);
    await victim.kill9();
    const learned = await known();
    const survivor = use(await pumpOf({ path: file }));
    const calls = (await first) + (await call(gateway, 20, 60));
    await untilDrained(redis);
    // What was written and not yet answered for when it was killed is learned again.
    expect(learned).toBeGreaterThan(20);
    expect(await known()).toBeGreaterThanOrEqual(calls);

    const described = await sluice('model', file, '--openapi');
    const openapi = JSON.parse(described.out) as { readonly paths: object };
    expect((await new Validator().validate(openapi)).errors).toBeUndefined();
    expect(Object.keys(openapi.paths)).toEqual(['/owners/{ownerName}', '/pets/{petId}']);

    await survivor.stop();
    await copyFile(file, baseline);
    shop.version = 2;
    const holding = use(await pumpOf({ path: later, baseline }));
    await call(gateway, 30, 100);
    await untilDrained(redis);
    const violations = await sluice('model', 'violations', later);
    expect(violations.code).toBe(1);
    expect(violations.out).toMatch(/GET \S+\/pets\/\{petId\} +200\.name +missing/);
    expect(violations.out).toMatch(/GET \S+\/vets\/\S+ +200 +unknown status/);
    expect(
      await metric(holding, 'sluice_model_violations_total', { kind: 'missing' }),
    ).toBeGreaterThanOrEqual(1);
    const diff = await sluice('model', 'diff', baseline, later);
    expect(diff.code).toBe(1);
    expect(diff.out).toMatch(/GET \S+\/vets\/\{vetId\} +operation added/);
    expect(diff.out).toMatch(/breaking +GET \S+\/pets\/\{petId\}/);
  }, 120_000);
});
