/** What becomes of records on their way, all of it together, out of the built program; and what stops a start before one is taken. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeMsgpack } from '../../src/record/encode/msgpack.ts';
import { encodeProtobuf } from '../../src/record/encode/protobuf.ts';
import type { RecordFields } from '../../src/record/encode/record-fields.ts';
import { scratchFolder, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, startPump, untilDrained } from './pump.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const unavailable = await whyUnavailable(needRedis);
/** A file of MaxMind's format with the countries of addresses. */
const countries = createRequire(import.meta.url).resolve(
  '@ip-location-db/geolite2-country-mmdb/geolite2-country.mmdb',
);
const list = 'analytics-tyk-system-analytics';
const chrome =
  'Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Mobile Safari/537.36';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const call = (index: number, fields: RecordFields): RecordFields => ({
  method: 'GET',
  path: `/users/${index}/orders/6f3c1c5e-8f0e-4c62-9f4e-0d6a3f3b8a11`,
  user_agent: chrome,
  ip_address: '8.8.8.8',
  response_code: 200,
  api_id: 'things',
  alias: `record-${index}`,
  raw_request: base64(
    `GET /invoices HTTP/1.1\r\nHost: x\r\nX-Invoice: invoice-${1000 + index}\r\n\r\n`,
  ),
  timestamp: { seconds: 1_760_000_000 },
  ...fields,
});

describe.skipIf(unavailable !== undefined)('records on their way', () => {
  const use = stoppedAfterEach();
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.stop());

  async function push(count: number, fields: RecordFields): Promise<void> {
    const all = Array.from({ length: count }, (_, index) => call(index, fields));
    await redis.client.rpush(list, ...all.filter((_, at) => at % 2 === 0).map(encodeMsgpack));
    const others = all.filter((_, at) => at % 2 === 1).map(encodeProtobuf);
    if (others.length > 0) await redis.client.rpush(`${list}_protobuf`, ...others);
  }

  it('are filtered, sampled, enriched, redacted, and sent with the fields that are wanted', async () => {
    await push(400, {});
    await push(20, { method: 'PUT', ip_address: '81.2.69.142', user_agent: 'curl/8.4.0' });
    await push(20, { response_code: 503, ip_address: '10.0.0.1', user_agent: '' });
    await push(20, { path: '/health' });
    const pump = use(
      await startPump({
        redis,
        pumps: {
          file: {
            type: 'file',
            fields: {
              include: [
                ...['alias', 'method', 'path', 'path_template', 'client', 'sample_weight'],
                ...['geo.country.iso_code', 'raw_request'],
              ],
              rename: { path: 'url' },
              constants: { environment: 'test' },
            },
            meta: { path: '{dir}/it.ndjson' },
          },
        },
        own: {
          records: {
            filter: '-path_template:/health',
            sample: { rate: 0.25, rules: [{ where: 'client.browser:curl country:GB', rate: 1 }] },
            enrich: {
              geoip: countries,
              user_agent: true,
              path_template: true,
              path_templates: ['/users/{name}/orders/{order}'],
            },
            redact: { patterns: ['invoice-(\\d+)'] },
          },
        },
      }),
    );
    await untilDrained(redis, 30_000).catch((error: unknown) => {
      throw new Error(`${String(error)} ${pump.output()}`);
    });
    const text = await readFile(path.join(pump.dir, 'it.ndjson'), 'utf8');
    const documents = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Document);
    const of = (method: string, weight: number): readonly Document[] =>
      documents.filter((each) => each.method === method && each.sample_weight === weight);

    const request = 'GET /invoices HTTP/1.1\r\nHost: x\r\nX-Invoice: invoice-[redacted]\r\n\r\n';
    const document = ({ alias }: Document, more: object): object => ({
      alias,
      url: `/users/${alias.slice(7)}/orders/6f3c1c5e-8f0e-4c62-9f4e-0d6a3f3b8a11`,
      path_template: '/users/{name}/orders/{order}',
      raw_request: base64(request),
      environment: 'test',
      ...more,
    });
    const shown = (each: Document, weight: number, country: string, client: object): object =>
      document(each, {
        method: each.method,
        client,
        sample_weight: weight,
        geo: { country: { iso_code: country } },
      });
    const phone = { browser: 'Chrome', os: 'Android', device: 'mobile' };
    const program = { browser: 'curl', os: '', device: '' };
    const none = { browser: '', os: '', device: '' };
    const [sampled, put, failed] = [of('GET', 4), of('PUT', 1), of('GET', 1)];
    expect(sampled).toEqual(sampled.map((each) => shown(each, 4, 'US', phone)));
    expect(put).toEqual(put.map((each) => shown(each, 1, 'GB', program)));
    expect(failed).toEqual(failed.map((each) => shown(each, 1, '', none)));
    expect([put.length, failed.length]).toEqual([20, 20]);
    expect(sampled.length).toBeGreaterThan(50);
    expect(sampled.length).toBeLessThan(150);
    expect(documents).toHaveLength(sampled.length + 40);
    const counted = (outcome: string) =>
      metric(pump, 'sluice_records_total', { route: 'FILE', outcome });
    await expect.poll(() => counted('filtered')).toBe(460 - documents.length);
    expect(await counted('delivered')).toBe(documents.length);
  });

  const atAll = (records: object): object => ({ sluice: { records } });
  const atPump = (entry: object): object => ({
    pumps: { file: { type: 'file', meta: { path: './it.ndjson' }, ...entry } },
  });

  it.each([
    ['an expression', 'sluice.records.filter', atAll({ filter: 'status:5xx path:(' })],
    [
      'the name of a field that nothing adds',
      'pumps.file.filter',
      atPump({ filter: 'client.browser:curl' }),
    ],
    ['an expression of a pump', 'pumps.file.filter', atPump({ filter: 'status:many' })],
    [
      'an expression of a share',
      'sluice.records.sample.rules[0].where',
      atAll({ sample: { rules: [{ where: 'nonsense:', rate: 1 }] } }),
    ],
    ['a share', 'sluice.records.sample.rate', atAll({ sample: { rate: 2 } })],
    [
      'a file of places',
      'sluice.records.enrich.geoip',
      atAll({ enrich: { geoip: './nowhere.mmdb' } }),
    ],
    [
      'a pattern',
      'sluice.records.redact.patterns[1]',
      atAll({ redact: { patterns: ['fine', 'look(?=ahead)'] } }),
    ],
    ['a hash', 'sluice.records.redact.hash_key', atAll({ redact: { api_key: 'hash' } })],
    ['a field', 'pumps.file.fields.include', atPump({ fields: { include: ['no_such_field'] } })],
  ])('are not taken where %s is wrong, which is said by its key', async (_, key, wrong) => {
    await push(3, {});
    const dir = await scratchFolder('wrong');
    const conf = path.join(dir, 'pump.json');
    const right = {
      analytics_storage_config: { host: redis.host, port: redis.port },
      purge_delay: 1,
      dont_purge_uptime_data: true,
      ...atPump({}),
    };
    await writeFile(conf, JSON.stringify({ ...right, ...wrong }));
    const before = await redis.client.keys('*');

    const [started, validated] = [
      await ended(dir, '--conf', conf),
      await ended(dir, 'validate', '--conf', conf),
    ];

    expect(started.code).toBe(1);
    expect(started.said).toContain(key);
    expect(validated.code).toBe(1);
    expect(validated.said).toContain(key);
    expect((await redis.client.keys('*')).toSorted()).toEqual(before.toSorted());
    expect(await redis.client.llen(list)).toBe(2);
  });
});

interface Document {
  readonly alias: string;
  readonly method: string;
  readonly sample_weight: number;
}

/** How the program ended with these arguments; one that goes on is killed. */
const ended = (cwd: string, ...args: readonly string[]): Promise<{ code: unknown; said: string }> =>
  new Promise((resolve) => {
    const options = { cwd, env: { PATH: process.env['PATH'], TZ: 'UTC' }, timeout: 20_000 };
    execFile(process.execPath, [main, ...args], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, said: out + err }),
    );
  });
