/* SIGHUP to a process that captures: what changes while calls go through, what does not, and a file that is wrong. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { msgpackDecoder } from '../../src/record/msgpack/decoder.ts';
import { type Child, freePort, launch, until } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';

const program = fileURLToPath(new URL('../../dist/src/capture.js', import.meta.url));
const list = 'analytics-tyk-system-analytics';
const slow: (() => void)[] = [];
const origin = createServer((request, response) => {
  if (request.url === '/slow') slow.push(() => response.end('slow'));
  else response.end('here');
});
let redis: RedisServer;
let folder: string;
let child: Child;

beforeAll(async () => {
  redis = await startRedis();
  await new Promise<void>((resolve) => {
    origin.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(async () => {
  await redis.stop();
  origin.close();
  origin.closeAllConnections();
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-capture-reload-'));
});
afterEach(async () => {
  await child.stop();
  await redis.client.flushall();
  await rm(folder, { recursive: true });
});

const gateway = (id: string, port: number, more = ''): string =>
  `  - {type: gateway, id: ${id}, listen: "127.0.0.1:${port}", target: "http://127.0.0.1:${(origin.address() as AddressInfo).port}"${more}}\n`;

const write = (sources: string, more = ''): Promise<void> =>
  writeFile(
    path.join(folder, 'capture.yaml'),
    `storage: {host: 127.0.0.1, port: ${redis.port}}\n${more}sources:\n${sources}`,
  );

async function begin(): Promise<void> {
  child = launch(process.execPath, [program, '--conf', path.join(folder, 'capture.yaml')]);
  await until('it has begun', () => child.output().includes('A source has begun'));
}

/** Resolves once the log says so after a SIGHUP. */
async function hangUp(says: string): Promise<string> {
  const before = child.output().length;
  process.kill(child.pid, 'SIGHUP');
  await until(`it says: ${says}`, () => child.output().slice(before).includes(says));
  return child.output().slice(before);
}

const call = async (port: number, target = '/'): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${port}${target}`, {
    headers: { connection: 'close', 'x-own': 'hunter2' },
  });
  return answer.text();
};

async function records(count: number) {
  await until('they are written', async () => (await redis.client.llen(list)) >= count);
  const elements = await redis.client.lrangeBuffer(list, 0, -1);
  const chunk = msgpackDecoder.decode(elements);
  return elements.map((_, at) => chunk.record(at));
}

const again = 'The configuration was read again.';

test('redaction, filter, tags and bodies change with the next call', async () => {
  const port = await freePort();
  await write(gateway('one', port));
  await begin();
  await call(port, '/first');
  await write(
    gateway('one', port),
    'record: {where: "-path:/health", tags: false}\nredact: {headers: [x-own]}\n',
  );
  await hangUp(again);
  await call(port, '/health');
  await call(port, '/second');

  const [first, second, ...others] = await records(2);
  expect(others).toEqual([]);
  expect([first?.text('path'), second?.text('path')]).toEqual(['/first', '/second']);
  expect(first?.list('tags')).toContain('cap-source-gateway');
  expect(second?.list('tags')).toEqual(['api-default']);
  const texts = [first, second].map((each) =>
    Buffer.from(each?.text('raw_request') ?? '', 'base64').toString(),
  );
  expect(texts[0]).toContain('hunter2');
  expect(texts[1]).not.toContain('hunter2');
});

test('sources are added, removed and changed, and calls under way end', async () => {
  const [one, two, three] = [await freePort(), await freePort(), await freePort()];
  await write(gateway('one', one) + gateway('two', two));
  await begin();
  const underWay = call(one, '/slow');
  await until('it is with the origin', () => slow.length === 1);
  await write(gateway('one', one, ', name: other') + gateway('three', three));
  await hangUp(again);
  expect(await call(one)).toBe('here');
  expect(await call(three)).toBe('here');
  await expect(call(two)).rejects.toThrow();
  slow.splice(0).forEach((answer) => answer());
  expect(await underWay).toBe('slow');
  const names = (await records(3)).map((each) => each?.text('api_name'));
  expect(names.sort()).toEqual(['default', 'default', 'other']);
});

test('a wrong file changes nothing and says all that is wrong', async () => {
  const port = await freePort();
  await write(gateway('one', port));
  await begin();
  await write(`${gateway('one', port, ', nonsense: 1')}  - {type: gatewai}\n`, 'workers: none\n');
  const said = await hangUp('everything goes on as it was');
  expect(said).toContain('sources[0].nonsense');
  expect(said).toContain('sources[1].type');
  expect(said).toContain('workers');
  expect(await call(port)).toBe('here');
});

test('what cannot change is said by name, and a source that cannot begin as changed goes on', async () => {
  const port = await freePort();
  await write(gateway('one', port));
  await begin();
  const taken = (origin.address() as AddressInfo).port;
  await write(gateway('one', taken), 'workers: 2\nrecord: {flush: 50ms}\nlog_level: debug\n');
  const said = await hangUp(again);
  expect(said).toMatch(/options="?workers, record\.flush"?/);
  expect(said).toContain('A source cannot begin as it was changed; it goes on as it was.');
  expect(await call(port)).toBe('here');
});
