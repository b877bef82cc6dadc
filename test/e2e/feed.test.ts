import { execFile, spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { type CountingSink, countingPump, startCountingSink } from './counting-sink.ts';
import { type OutageSink, startOutageSink } from './outage-sink.ts';
import { type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

let redis: RedisServer;
let elastic: OutageSink;
let counting: CountingSink;
let pump: PumpProcess;
beforeEach(async () => {
  redis = await startRedis();
  elastic = await startOutageSink();
  counting = await startCountingSink();
});
afterEach(async () => {
  await pump.stop();
  await redis.stop();
  await elastic.stop();
  await counting.stop();
});

const env = { PATH: process.env['PATH'], TZ: 'UTC' };
const lineOf = (args: readonly string[]): readonly string[] => [
  ...[main, ...args],
  ...['--conf', path.join(pump.dir, 'pump.json')],
];

const sluice = (...args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, lineOf(args), { cwd: pump.dir, env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });

/** A copy of everything in Redis: a feed changes none of it. */
const inRedis = async (): Promise<Readonly<Record<string, string>>> => {
  const keys = (await redis.client.keys('*')).sort();
  const dumps = await Promise.all(keys.map((key) => redis.client.dumpBuffer(key)));
  return Object.fromEntries(keys.map((key, at) => [key, dumps[at]?.toString('base64') ?? '']));
};

const esPump = () => ({ type: 'elasticsearch', meta: { elasticsearch_url: elastic.url } });
const filePump = (name: string) => ({ type: 'file', meta: { path: `{dir}/${name}` } });

it('delivers exported dead letters once the sink is mended, each once however often they are fed', async () => {
  elastic.refuses = () => true;
  pump = await startPump({ redis, own: { at_refusal: 'reject' }, pumps: { es: esPump() } });
  const { good } = await pushRecords(redis, 60);
  await untilDrained(redis);
  expect(await sluice('dead', 'export', '--output', 'letters')).toMatchObject({ code: 0 });
  await pump.stop();
  const before = await inRedis();

  // Not mended yet: what is rejected can be fed again.
  const still = await sluice('feed', 'letters', '--route', 'es', '--rejected', 'again', '--json');
  expect(still.code).toBe(1);
  expect(JSON.parse(still.out)).toMatchObject({ delivered: 0, rejected: 60, unanswered: 0 });
  expect(still.err).toMatch(/a field of another type[^]*… and 40 more were rejected\./);
  expect(elastic.arrived.size).toBe(0);

  elastic.refuses = () => false;
  expect(await sluice('feed', 'again', '--route', 'ES')).toMatchObject({
    code: 0,
    out: 'ES: 60 records delivered.\n',
  });
  expect(await sluice('feed', 'letters', '--route', 'ES')).toMatchObject({ code: 0 });
  expect([...elastic.arrived.keys()].sort()).toEqual([...good].sort());
  expect([...elastic.arrived.values()].every((times) => times === 1)).toBe(true);
  expect(await inRedis()).toEqual(before);
});

it('feeds what a file holds into another file as it is there, and refuses while the pump is paused', async () => {
  pump = await startPump({ redis, pumps: { one: filePump('one'), two: filePump('two') } });
  await pushRecords(redis, 300);
  await untilDrained(redis);
  await pump.stop();
  const one = await readFile(path.join(pump.dir, 'one'), 'utf8');
  await writeFile(path.join(pump.dir, 'two'), '');
  await writeFile(path.join(pump.dir, 'one.gz'), gzipSync(one));

  expect(await sluice('route', 'pause', 'two')).toMatchObject({ code: 0 });
  const paused = await sluice('feed', 'one.gz', '--route', 'two');
  expect(paused.code).toBe(1);
  expect(paused.err).toContain('TWO is paused, by ');
  expect(await readFile(path.join(pump.dir, 'two'), 'utf8')).toBe('');

  await sluice('route', 'resume', 'two');
  expect(await sluice('feed', 'one.gz', '--route', 'two')).toMatchObject({
    code: 0,
    out: 'TWO: 300 records delivered.\n',
  });
  const lines = (text: string): readonly string[] => text.split('\n').sort();
  expect(lines(await readFile(path.join(pump.dir, 'two'), 'utf8'))).toEqual(lines(one));

  await writeFile(path.join(pump.dir, 'broken'), `no json\n${one.split('\n')[0]}\n{"path":3}\n`);
  const broken = await sluice('feed', 'broken', 'missing', '--route', 'two');
  expect(broken).toMatchObject({ code: 1, out: '' });
  expect(broken.err).toContain('missing: cannot be read');
  const some = await sluice('feed', 'broken', '--route', 'two');
  expect(some).toMatchObject({ code: 1, out: 'TWO: 1 record delivered.\n' });
  expect(some.err).toContain('broken:1: is no JSON\n');
  expect(some.err).toContain('broken:3: "path": is number, expected a text\n');
});

/** Of the one file in a folder of a csv pump, or more where the hour has changed. */
async function rowsIn(folder: string): Promise<readonly (readonly string[])[]> {
  const names = await readdir(path.join(pump.dir, folder));
  const texts = await Promise.all(
    names.map((name) => readFile(path.join(pump.dir, folder, name), 'utf8')),
  );
  return texts.map((text) => text.trimEnd().split('\n'));
}

it('feeds what a csv pump wrote, with the same ids each time, as far as CSV holds it', async () => {
  const csvPump = (folder: string) => ({ type: 'csv', meta: { csv_dir: `{dir}/${folder}` } });
  pump = await startPump({
    redis,
    pumps: {
      one: filePump('one'),
      two: filePump('two'),
      ...{ table: csvPump('table'), again: csvPump('again') },
      web: countingPump(counting),
    },
  });
  const { good } = await pushRecords(redis, 300);
  await untilDrained(redis);
  await pump.stop();
  const before = await rowsIn('table');
  const table = before.flatMap(([, ...rows]) => rows).sort();
  expect(table).toHaveLength(300);
  const [header = ''] = before[0] ?? [];
  await writeFile(path.join(pump.dir, 'table.csv.gz'), gzipSync([header, ...table, ''].join('\n')));

  const fed = await sluice('feed', 'table.csv.gz', '--route', 'again');
  expect(fed).toMatchObject({ code: 0, out: 'AGAIN: 300 records delivered.\n' });
  expect(fed.err.match(/CSV does not hold everything/g)).toHaveLength(1);
  // Those that came the first time are there too.
  const again = (await rowsIn('again')).flatMap(([, ...rows]) => rows).sort();
  expect(again).toEqual([...table, ...table].sort());

  await writeFile(path.join(pump.dir, 'two'), '');
  expect(await sluice('feed', 'table.csv.gz', '--route', 'two')).toMatchObject({ code: 0 });
  const documents = async (name: string): Promise<readonly object[]> => {
    const lines = (await readFile(path.join(pump.dir, name), 'utf8')).trimEnd().split('\n');
    const all = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    // What CSV cuts, and has no column for.
    const lost = new Set(['geo', 'graphql_stats', 'mcp_stats']);
    const kept = all.map((document) => ({
      ...Object.fromEntries(Object.entries(document).filter(([key]) => !lost.has(key))),
      tags: document['tags'] ?? [],
    }));
    return kept.sort((left, right) => JSON.stringify(left).localeCompare(JSON.stringify(right)));
  };
  const two = await documents('two');
  expect(two).toHaveLength(300);
  expect(two).toEqual(await documents('one'));

  counting.forget();
  for (const file of ['table.csv.gz', 'table.csv']) {
    if (file === 'table.csv')
      await writeFile(path.join(pump.dir, file), [header, ...table, ''].join('\r\n'));
    expect(await sluice('feed', file, '--route', 'web')).toMatchObject({ code: 0 });
  }
  expect(counting.ids.size).toBe(300);
  expect([...counting.ids.values()].every((times) => times === 2)).toBe(true);
  expect(new Set(counting.arrived.keys())).toEqual(good);

  await writeFile(path.join(pump.dir, 'broken.csv'), `${header}\nx,y\n${table[0]}\n${table[1]}`);
  const some = await sluice('feed', 'broken.csv', '--route', 'web');
  expect(some).toMatchObject({ code: 1, out: 'WEB: 1 record delivered.\n' });
  expect(some.err).toContain('broken.csv:2: has 2 cells, expected 42\n');
  expect(some.err).toContain('broken.csv:4: has no line end');
});

it.each(['SIGINT', 'SIGKILL'] as const)('may be ended by %s and fed again', async (signal) => {
  pump = await startPump({
    redis,
    pumps: { one: filePump('one'), web: countingPump(counting, { limits: { records: 10 } }) },
  });
  const { good } = await pushRecords(redis, 500);
  await untilDrained(redis);
  await pump.stop();
  const ids = () => new Set(counting.ids.keys());
  counting.forget();

  const args = ['feed', 'one', '--route', 'web', '--rate', '200', '--json'];
  const child = spawn(process.execPath, lineOf(args), { cwd: pump.dir, env });
  let out = '';
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString();
  });
  await expect.poll(() => ids().size, { timeout: 30_000 }).toBeGreaterThan(20);
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill(signal);
  const code = await closed;
  const sent = ids();
  expect(sent.size).toBeLessThan(500);
  if (signal === 'SIGINT') {
    expect(code).toBe(130);
    const result = JSON.parse(out) as { readonly delivered: number; readonly is_whole: boolean };
    expect(result.is_whole).toBe(false);
    expect(result.delivered).toBeGreaterThan(0);
    // What it counts has arrived.
    expect(result.delivered).toBeLessThanOrEqual(sent.size);
  }

  expect(await sluice('feed', 'one', '--route', 'web')).toMatchObject({
    code: 0,
    out: 'WEB: 500 records delivered.\n',
  });
  // The same record has the same id both times.
  expect(ids().size).toBe(500);
  for (const id of sent) expect(counting.ids.get(id)).toBe(2);
  expect(new Set(counting.arrived.keys())).toEqual(good);
});
