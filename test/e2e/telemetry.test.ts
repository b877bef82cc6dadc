/** What the service tells of itself over OTLP, as a real Collector understood it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Collector, needCollector, type Places, startCollector } from '../services/otelcol.ts';
import { freePort, until, whyUnavailable } from '../services/process.ts';
import { needRedis, startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';
import { readTelemetry, type Span, seriesOfMetrics, seriesOfPage, type Told } from './told.ts';

const unavailable = (await whyUnavailable(needRedis)) ?? (await whyUnavailable(needCollector));
const token = 'tell-nobody-0815';

async function told(collector: Collector): Promise<Told> {
  return readTelemetry(await collector.received());
}

const pageOf = async ({ healthPort }: PumpProcess): Promise<string> =>
  (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();

/** All that it wrote to its log. */
const logOf = ({ dir }: PumpProcess): Promise<string> => readFile(path.join(dir, log), 'utf8');
const log = 'sluice.log';

describe.skipIf(unavailable !== undefined)('a real Collector is told', () => {
  const use = stoppedAfterEach();

  it.each([1, 2])('metrics, traces and logs of a service with %d threads', async (workers) => {
    const redis = use(await startRedis());
    const collector = use(await startCollector({ configOf: documentedConfig }));
    await pushRecords(redis, 3_000, { badEvery: 500 });
    const pump = use(
      await startPump({
        ...{ redis, pipes: { stderr: log } },
        pumps: {
          csv: { type: 'csv', limits: { records: 500 }, meta: { csv_dir: '{dir}/out' } },
          away: { type: 'splunk', meta: awayMeta(await freePort()) },
        },
        own: {
          workers,
          telemetry: {
            endpoint: collector.url,
            headers: { authorization: `Bearer ${token}` },
            interval: '1s',
            sample_ratio: 1,
            resource: { 'deployment.environment.name': 'test' },
          },
        },
        env: { OTEL_RESOURCE_ATTRIBUTES: 'team=a%20b,deployment.environment.name=other' },
      }),
    );
    await until('csv has everything', async () => {
      return (await metric(pump, 'sluice_records_total', delivery)) >= 2_994;
    });

    const before = (await told(collector)).exports.length;
    const first = seriesOfPage(await pageOf(pump));
    await until('there are two more exports', async () => {
      return (await told(collector)).exports.length >= before + 2;
    });
    const { exports } = await told(collector);
    const second = seriesOfPage(await pageOf(pump));
    // It began after the first page, and ended before the second.
    const sent = seriesOfMetrics(exports[before + 1] ?? []);
    const numbers = [...second].filter(
      ([series, value]) => first.has(series) && Number.isFinite(value),
    );
    expect(numbers.filter(([series]) => !sent.has(series))).toEqual([]);
    // What is the same before and after it was the same in it; not what goes up and down, as with a sink that is away.
    const still = numbers.filter(
      ([series, value]) => /^sluice_(?!.*route=AWAY)/.test(series) && first.get(series) === value,
    );
    expect(still.length).toBeGreaterThan(100);
    expect(still.filter(([series, value]) => sent.get(series) !== value)).toEqual([]);

    await pump.stop();
    expect(pump.exit()).toEqual({ code: 0, signal: null });

    const { spans, lines, resources } = await told(collector);
    expectTraces(spans);
    const deliveries = spans.filter(({ name }) => name === 'deliver');
    const byRoute = (route: string) =>
      deliveries.filter(({ attributes }) => attributes['sluice.route'] === route);
    expect(byRoute('CSV').length).toBeGreaterThan(0);
    expect(byRoute('CSV').map(({ error }) => error)).not.toContain(expect.any(String));
    expect(byRoute('AWAY').length).toBeGreaterThan(0);
    for (const { attributes, error } of byRoute('AWAY')) {
      expect(attributes['error.type']).toBe('unreachable');
      expect(error).toContain('ECONNREFUSED');
    }
    const said = await logOf(pump);
    const bodies = lines.map(({ body }) => body);
    for (const message of ['Init Pump: CSV', 'Tyk-pump stopped.']) {
      expect(bodies).toContain(message);
      expect(said).toContain(message);
    }
    expect(lines.find(({ body }) => body === 'Init Pump: CSV')).toMatchObject({
      severity: 'INFO',
      attributes: { prefix: 'csv-pump', route: 'CSV', guarantee: 'at-least-once' },
    });
    expect(resources.length).toBeGreaterThan(2);
    for (const resource of resources)
      expect(resource).toMatchObject({
        'service.name': 'sluice',
        'service.version': expect.stringMatching(/^\d+\.\d+\.\d+/) as unknown,
        'service.instance.id': expect.stringContaining('-') as unknown,
        'host.name': expect.any(String) as unknown,
        'deployment.environment.name': 'test',
        team: 'a b',
      });
    expect(JSON.stringify(await collector.received())).not.toContain(token);
    expect(said).not.toContain(token);
  });

  it('nothing while it is away: nothing is lost by it, and later it is told what waited', async () => {
    const redis = use(await startRedis());
    const collector = use(await startCollector());
    await collector.kill9();
    const { good } = await pushRecords(redis, 2_000);
    const start = () =>
      startPump({
        ...{ redis, pipes: { stderr: log } },
        pumps: { csv: { type: 'csv', meta: { csv_dir: '{dir}/out' } } },
        own: { telemetry: { endpoint: collector.url, interval: '1s', timeout: '1s' } },
      });
    const failures = (pump: PumpProcess, signal: string) =>
      metric(pump, 'sluice_telemetry_failures_total', { signal });
    const first = use(await start());
    await untilDrained(redis);
    await until('two failures of each are counted', async () => {
      const counts = await Promise.all(['metrics', 'logs'].map((each) => failures(first, each)));
      return counts.every((count) => count >= 2);
    });
    expect(await metric(first, 'sluice_records_total', delivery)).toBe(good.size);
    await first.stop();
    expect(first.exit()).toEqual({ code: 0, signal: null });
    const said = (await logOf(first)).split('\n').filter((line) => line.includes('could not be'));
    expect(said.map((line) => /signal=(\w+)/.exec(line)?.[1]).sort()).toEqual(['logs', 'metrics']);

    const second = use(await start());
    await until('a failure is counted', async () => (await failures(second, 'logs')) > 0);
    await collector.start();
    await until('what was said before has come', async () => {
      return (await told(collector)).lines.some(({ body }) => body === 'Init Pump: CSV');
    });
    await until('metrics come', async () => (await told(collector)).exports.length > 0);
    // What the failure of sending makes is told to nobody.
    const bodies = (await told(collector)).lines.map(({ body }) => String(body));
    expect(bodies.filter((body) => body.includes('own telemetry'))).toEqual([]);
    expect(await logOf(second)).toContain('telemetry is sent again');
  });
});

it('the real servers are there', ({ skip }) => {
  if (unavailable !== undefined) skip(unavailable);
});

/** Each trace is one batch, and its steps are in the order in which records go. */
function expectTraces(spans: readonly Span[]): void {
  const traces = new Map<string, Span[]>();
  for (const span of spans) traces.set(span.trace, [...(traces.get(span.trace) ?? []), span]);
  expect(traces.size).toBeGreaterThan(2);
  for (const [, all] of traces) {
    const [root, ...others] = all.filter(({ parent }) => parent === '');
    expect(others).toEqual([]);
    expect(root?.name).toBe('batch');
    const steps = all.filter((span) => span !== root);
    for (const step of steps) {
      expect(step.parent).toBe(root?.id);
      expect(step.start).toBeGreaterThanOrEqual(root?.start ?? 0n);
      expect(step.end).toBeLessThanOrEqual(root?.end ?? 0n);
      expect(step.end).toBeGreaterThanOrEqual(step.start);
    }
    const firstOf = (name: string) => steps.filter((each) => each.name === name)[0];
    const way = ['claim', 'read', 'edit', 'deliver'].map(firstOf);
    for (const [at, step] of way.entries()) {
      expect(step).toBeDefined();
      expect(step?.start).toBeGreaterThanOrEqual(way[at - 1]?.start ?? 0n);
    }
    const ranges = Number(root?.attributes['sluice.ranges']);
    const unsettled = Number(root?.attributes['sluice.unsettled_ranges']);
    const settled = steps.filter(({ name }) => name === 'settle').length;
    expect(settled).toBe(Math.min(16, ranges) - unsettled);
  }
}

const delivery = { route: 'CSV', outcome: 'delivered' };

/** Nobody listens there. */
const awayMeta = (port: number) => ({
  collector_token: 'the-token-of-splunk',
  collector_url: `http://127.0.0.1:${port}/services/collector/event/1.0`,
});

const page = await readFile(new URL('../../docs/telemetry.md', import.meta.url), 'utf8');

/** The configuration of docs/telemetry.md, at a port and with a file of its own. */
function documentedConfig({ port, file }: Pick<Places, 'port' | 'file'>): string {
  const [, config = ''] = /```yaml\n(receivers:[^]*?)```/.exec(page) ?? [];
  return config
    .replace('0.0.0.0:4318', `127.0.0.1:${port}`)
    .replace('/var/lib/otelcol/sluice.json', file);
}
