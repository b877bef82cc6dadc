/**
 * Secrets of every sort, in every place and encoding, run through the built program into every sink; of all that it wrote
 * anywhere nothing holds one of them, however deep it is decoded, and what is no secret arrived.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pumpTypes } from '../../pumps/index.ts';
import { whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { holds, LeakSearch } from './leak-search.ts';
import { serverSinks } from './leak-servers.ts';
import { type LeakSink, localSinks } from './leak-sinks.ts';
import { type PumpProcess, startPump, untilDrained } from './pump.ts';
import { kinds, pushSecrets, secretRecords } from './secret-records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const unavailable = await whyUnavailable(needRedis);
const records = secretRecords();
const secrets = [...new Set(records.flatMap((record) => record.secrets))];
const search = new LeakSearch(secrets);

/** It sends nothing of a record; of the pumps of uptime records there is one at a time. */
const without = ['dummy', 'uptime-mongo'];
const ofUptime = 'uptime-sql';

describe.skipIf(unavailable !== undefined)('with the presets secrets, cards and email', () => {
  let redis: RedisServer;
  let pump: PumpProcess;
  let sinks: readonly LeakSink[] = [];
  /** By name, what left: to each sink, and elsewhere. */
  const left = new Map<string, readonly Buffer[]>();

  beforeAll(async () => {
    redis = await startRedis();
    sinks = [...(await localSinks()), ...(await serverSinks())];
    await pushSecrets(redis, records);
    const said = path.join(redis.dir, 'said');
    pump = await startPump({
      redis,
      pumps: {
        ...Object.fromEntries(
          sinks
            .filter(({ name }) => name !== ofUptime)
            .map(({ name, pump: entry }) => [name, entry]),
        ),
        dummy: { type: 'dummy' },
        // The same without rules, so that it is known what the search finds.
        open: { type: 'file', redact: [], meta: { path: '{dir}/open/it.ndjson' } },
      },
      uptime: metaOf(sinks.find(({ name }) => name === ofUptime)),
      own: { records: { redact: ['secrets', 'cards', 'email'] }, workers: 2 },
      pipes: { stderr: said },
    });
    await untilDrained(redis, 60_000).catch(async (error: unknown) => {
      const answer = await fetch(`http://127.0.0.1:${pump.healthPort}/ready`);
      throw new Error(`${String(error)} ${await answer.text()} ${await readFile(said, 'utf8')}`);
    });
    for (const sink of sinks) await sink.look?.();
    for (const page of ['metrics', 'ready', 'health'])
      left.set(`/${page}`, [await pageOf(pump, page)]);
    for (const action of [['ls'], ['show', '--limit', '2000']])
      left.set(`dead ${action[0]}`, [await sluice(pump, 'dead', ...action)]);
    left.set('status', [await sluice(pump, 'status')]);
    left.set('keys of Redis', await keysOf(redis));
    await pump.stop();
    left.set('standard error', [await readFile(said)]);
    for (const sink of sinks) left.set(sink.name, await sink.sent(pump.dir));
  }, 600_000);

  afterAll(async () => {
    await pump.stop();
    for (const sink of sinks) await sink.stop();
    await redis.stop();
  });

  it('is run with every pump there is', () => {
    const types = new Set([...sinks.map(({ pump: { type } }) => type), ...without]);
    const missing = pumpTypes.filter((type) => !types.has(type));
    // Where their servers cannot be had, that was said aloud.
    expect(missing.filter((type) => !/^(?:kafka|mongo)/.test(type))).toEqual([]);
  });

  it('looks so that every secret is found where nothing is redacted', async () => {
    const open = await readFile(path.join(pump.dir, 'open', 'it.ndjson'));
    const found = new Set(search.in(open).map(({ secret }) => secret));
    expect(secrets.filter((secret) => !found.has(secret.toLowerCase()))).toEqual([]);
  });

  it('brings every record of its kinds to every sink', () => {
    const amiss = sinks.flatMap(({ name, kinds: its = kinds, mayLose = false }) => {
      const text = Buffer.concat(left.get(name) ?? []).toString('latin1');
      const arrived = new Set(text.match(/sample-\d+-[mp]/g));
      const those = records.filter(({ kind }) => its.includes(kind));
      const lost = those.filter(({ marker }) => !arrived.has(marker));
      return lost.length <= (mayLose ? those.length / 10 : 0)
        ? []
        : [`${name}: ${lost.map((record) => record.name).join()}`];
    });
    expect(amiss).toEqual([]);
  });

  it('brings every record, with what is no secret in it, where whole records go', () => {
    const amiss = sinks.flatMap(({ name, whole, kinds: its = kinds }) => {
      if (whole === undefined) return [];
      const parts = left.get(name) ?? [];
      const lines = whole === 'parts' ? parts : parts.flatMap(linesOf);
      return records
        .filter(({ kind, hasPayload }) => its.includes(kind) && (whole === 'lines' || hasPayload))
        .filter(({ marker, sentinels }) => {
          const own = lines.filter((line) => line.includes(marker));
          return !sentinels.every((sentinel) => own.some((line) => holds(line, sentinel)));
        })
        .map((record) => `${name}: ${record.name}`);
    });
    expect(amiss).toEqual([]);
  });

  it('has made a dead letter of each record, and says so', () => {
    const letters = Buffer.concat(left.get('keys of Redis') ?? []).toString('latin1');
    const calls = records.filter(({ kind }) => kind !== 'uptime');
    expect(calls.filter(({ marker }) => !letters.includes(marker))).toEqual([]);
    expect(String(left.get('dead show'))).toContain('sample-');
  });

  it('lets no secret out anywhere', () => {
    const leaks = [...left].flatMap(([name, parts]) =>
      parts.flatMap((part) => search.in(part).map((leak) => ({ name, ...leak }))),
    );
    expect(leaks).toEqual([]);
  });
});

const metaOf = (sink: LeakSink | undefined): Readonly<Record<string, unknown>> =>
  sink?.pump['meta'] as Readonly<Record<string, unknown>>;

function linesOf(part: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < part.length; ) {
    const end = part.indexOf('\n', at);
    lines.push(part.subarray(at, end < 0 ? part.length : end));
    at = end < 0 ? part.length : end + 1;
  }
  return lines;
}

async function pageOf({ healthPort }: PumpProcess, page: string): Promise<Buffer> {
  const answer = await fetch(`http://127.0.0.1:${healthPort}/${page}`);
  return Buffer.from(await answer.arrayBuffer());
}

const sluice = ({ dir }: PumpProcess, ...args: readonly string[]): Promise<Buffer> =>
  new Promise((resolve) => {
    const conf = path.join(dir, 'pump.json');
    const options = { encoding: 'buffer', maxBuffer: 1 << 28 } as const;
    execFile(process.execPath, [main, ...args, '--conf', conf], options, (_error, out, err) =>
      resolve(Buffer.concat([out, err])),
    );
  });

/** All that we keep there but records that wait: dead letters, books, the names of all. */
async function keysOf({ client }: RedisServer): Promise<readonly Buffer[]> {
  const parts: Buffer[] = [];
  for (const key of await client.keys('*')) {
    parts.push(Buffer.from(key));
    const type = await client.type(key);
    if (type === 'hash')
      for (const [field, value] of Object.entries(await client.hgetallBuffer(key)))
        parts.push(Buffer.concat([Buffer.from(`${field}\n`), value]));
    if (type === 'zset') parts.push(...(await client.zrangeBuffer(key, '0', '-1')));
  }
  return parts;
}
