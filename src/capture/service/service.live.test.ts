import { get } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { until } from '../../../test/services/process.ts';
import { startRedis } from '../../../test/services/redis.ts';
import { text } from '../../config/options/builders.ts';
import { systemClock } from '../../lib/clock.ts';
import { msgpackDecoder } from '../../record/msgpack/decoder.ts';
import { beginRedis } from '../../redis/connect.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { defineSource } from '../define/define-source.ts';
import { anExchange, type ExchangeOverrides } from '../exchange.testing.ts';
import type { SourceContext } from '../source.ts';
import { loadCapture } from './config/load.ts';
import { runCapture } from './service.ts';

const key = 'analytics-tyk-system-analytics';
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A source that sees what the test says. */
async function aService(more: object = {}, isWhole?: boolean) {
  const server = await startRedis();
  cleanUps.push(() => server.stop());
  let context: SourceContext | undefined;
  let reloads = 0;
  const kind = defineSource({
    ...{
      type: 'try',
      title: 'Try',
      summary: 'Tries.',
      options: { word: text({ doc: 'A word.', default: 'x' }) },
    },
    start(_, given) {
      context = given;
      return Promise.resolve({
        listensAt: ['nowhere'],
        ended:
          isWhole === undefined
            ? undefined
            : given.writing.written(stop.signal).then((isWritten) => isWritten && isWhole),
        reload: () =>
          reloads++ > 0 ? Promise.reject(new Error('a wrong file')) : Promise.resolve(),
        // Calls under way end with an exchange of their own.
        stop() {
          given.record(anExchange({ request: { target: '/last' } }));
          return Promise.resolve();
        },
      });
    },
  });
  const raw = {
    storage: { host: server.host, port: server.port },
    sources: [{ type: 'try' }],
    admin: { listen: '127.0.0.1:0' },
    shutdown_timeout: '1s',
    ...more,
  };
  const { config, problems } = await loadCapture(
    { raw, source: 'test', locate: () => undefined, problems: [] },
    {
      env: {},
      types: ['try'],
      findSource: () => Promise.resolve(kind),
      readFile: () => Promise.reject(new Error('none')),
    },
  );
  if (config === undefined) throw new Error(JSON.stringify(problems));
  const log = memoryLog();
  const stop = new AbortController();
  let hangUp: () => void = () => undefined;
  const ended = runCapture(
    {
      ...{
        config,
        clock: systemClock,
        log,
        mask: (text) => text,
        metrics: createMetrics({ version: '1' }),
      },
      life: 'life',
      connect: (redis) => beginRedis(redis, { log }, stop.signal),
      openFeed: () => Promise.reject(new Error('no pumps here')),
      onHangUp: (act) => {
        hangUp = act;
      },
    },
    stop.signal,
  );
  const end = async (): Promise<number> => {
    stop.abort();
    return ended;
  };
  cleanUps.push(() => end().catch(() => 1));
  const hasBegun = (): boolean =>
    log.lines.some(({ message }) => message === 'A source has begun.');
  await Promise.race([until('it begins', hasBegun), ended]);
  const address = String(
    log.lines.find(({ message }) => message.startsWith('Serving'))?.fields['address'],
  );
  const report = (words: string) =>
    context?.report?.({
      ...{ from: 1000, to: 2000, counters: { packets: 7 } },
      verdicts: [
        { kind: 'encrypted', severity: 'problem', port: '443', words, evidence: [], next: [] },
      ],
    });
  const record = (overrides: ExchangeOverrides) => context?.record(anExchange(overrides));
  const records = async () => {
    const elements = await server.client.lrangeBuffer(key, 0, -1);
    const chunk = msgpackDecoder.decode(elements);
    return elements.map((_, at) => chunk.record(at));
  };
  return { server, log, report, record, records, end, ended, address, hangUp: () => hangUp() };
}

const page = (url: string): Promise<{ readonly status: number; readonly body: string }> =>
  new Promise((resolve, reject) => {
    get(url, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    }).on('error', reject);
  });

describe('a process that captures', () => {
  test('writes what sources see, redacted, filtered, and the last calls at the stop', async () => {
    const { record, records, end } = await aService({ record: { where: '-path:/health' } });
    record({ request: { rawHeaders: ['Host', 'x', 'Authorization', 'Bearer hunter2hunter2'] } });
    record({ request: { target: '/health' } });
    await until('it is written', async () => (await records()).length === 1);

    expect(await end()).toBe(0);

    const found = await records();
    expect(found.map((each) => each?.text('path'))).toEqual(['/orders/7', '/last']);
    const request = Buffer.from(found[0]?.text('raw_request') ?? '', 'base64').toString();
    expect(request).toMatch(/Authorization: .*\[redacted\]/);
    expect(request).not.toContain('hunter2');
  });

  test('says how it is', async () => {
    const { address, record, server } = await aService();
    record({});
    await until('it is counted', async () =>
      (await page(`http://${address}/metrics`)).body.includes('records_total{outcome="written"} 1'),
    );

    expect((await page(`http://${address}/live`)).status).toBe(200);
    expect(JSON.parse((await page(`http://${address}/ready`)).body)).toEqual({
      ready: true,
      records: { state: 'up' },
      sources: [{ name: 'try', listens_at: ['nowhere'] }],
    });
    await server.kill9();
    record({});
    await until('records wait', async () =>
      (await page(`http://${address}/ready`)).body.includes('waiting'),
    );
    const { body } = await page(`http://${address}/metrics`);
    expect(body).toContain('sluice_capture_queue_records 1');
    expect(body).toContain('sluice_capture_exchanges_total{source="try"} 2');
    // Calls go through.
    expect((await page(`http://${address}/ready`)).status).toBe(200);
  });

  test('says at its end what it has seen of a source that does not count for itself', async () => {
    const { record, records, end, server, address } = await aService();
    // It counts from when all sources have begun.
    await until(
      'all have begun',
      async () => (await page(`http://${address}/ready`)).status === 200,
    );
    record({});
    await until('Redis is there', async () => (await records()).length === 1);

    await end();

    const [key = ''] = await server.client.keys('sluice-capture:report:try:*');
    // The last one came while it stopped.
    expect(await server.client.hget(key, 'headline')).toBe('2 calls are seen.');
  });

  test('ends although its report is for a Redis that is away', async () => {
    const { record, records, end, server, log } = await aService();
    record({});
    await until('it is written', async () => (await records()).length === 1);
    await server.kill9();
    await until('it is known', () => log.lines.some(({ level }) => level === 'warn'));

    // The last call is lost with it.
    expect(await end()).toBe(1);
  });

  test('shows what sources found out, and keeps the latest of each in Redis for an hour', async () => {
    const { address, report, server } = await aService();
    report('the first');
    report('the second');
    const keys = () => server.client.keys('sluice-capture:report:try:*');
    await until('it is kept', async () => (await keys()).length === 1);

    const [key = ''] = await keys();
    await until(
      'the latest is kept',
      async () => (await server.client.hget(key, 'headline')) === 'the second',
    );
    expect(await server.client.hgetall(key)).toMatchObject({
      ...{ source: 'try', from: '1000', to: '2000', counters: '{"packets":7}' },
    });
    expect(await server.client.ttl(key)).toBeGreaterThan(3500);
    const shown = JSON.parse((await page(`http://${address}/api/diagnostics`)).body) as object;
    expect(shown).toMatchObject({
      instance: 'life',
      sources: [
        {
          name: 'try',
          reports: [
            { verdicts: [{ words: 'the second' }], counters: { packets: 7 } },
            { verdicts: [{ words: 'the first' }], counters: {} },
          ],
        },
      ],
    });
  });

  test('lets sources read their files again, and says where they are wrong', async () => {
    const { hangUp, log } = await aService();
    hangUp();
    await until('it did', () =>
      log.lines.some(({ message }) => message.startsWith('A source has read')),
    );

    hangUp();

    await until('it did not', () =>
      log.warnings().some((message) => message.startsWith('A source keeps')),
    );
  });

  test('ends by itself with its sources, and says whether they saw everything', async () => {
    for (const isWhole of [true, false]) {
      const { ended, log } = await aService({}, isWhole);

      expect(await ended).toBe(isWhole ? 0 : 1);
      expect(log.lines.map(({ message }) => message)).toContain(
        'All sources have come to their end.',
      );
    }
  });

  test('ends with its reason where a page’s port is taken', async () => {
    const { address } = await aService();
    await expect(aService({ admin: { listen: address } })).rejects.toThrow(
      /cannot be served at 127\.0\.0\.1:\d+ \(admin\.listen\)/,
    );
  });
});
