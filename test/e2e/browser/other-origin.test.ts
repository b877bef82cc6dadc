import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoints } from '../../../src/app/api/endpoints.ts';
import { encodeRecord } from '../../../src/record/testing.ts';
import { needChromium, startChromium } from '../../services/chromium.ts';
import { until, whyUnavailable } from '../../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../../services/redis.ts';
import { askApi } from '../api.ts';
import { type CountingSink, countingPump, startCountingSink } from '../counting-sink.ts';
import { type PumpProcess, startPump } from '../pump.ts';
import { type Attack, addFrame, attack } from './in-page.mjs';

const unavailable =
  (await whyUnavailable(needRedis)) ?? (await whyUnavailable(() => needChromium()));

/** What every changing endpoint is sent: what it would do at once, were it asked by one who may. */
const bodies: Readonly<Record<string, object>> = {
  'retry-dead-letters': { route: 'refusing', all: true },
  'purge-dead-letters': { route: 'refusing', all: true },
  'set-route-rate': { records: 1 },
  'rewind-route': { to: '1h' },
};

const attacks: readonly Attack[] = endpoints
  .filter(({ role }) => role === 'operator')
  .map(({ id, path }) => ({
    path: `/api/v1${path.replace('{route}', 'refusing')}`,
    body: JSON.stringify(bodies[id] ?? {}),
  }));

describe.skipIf(unavailable !== undefined)('a page of another origin', () => {
  let browser: Browser;
  let redis: RedisServer;
  let sink: CountingSink;
  let pump: PumpProcess;
  const evil = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>Prizes</title><body>');
  });
  const stops: (() => Promise<unknown>)[] = [];
  const origin = () => `http://127.0.0.1:${pump.healthPort}`;
  const evilPort = () => (evil.address() as AddressInfo).port;

  beforeAll(async () => {
    browser = await startChromium();
    stops.push(() => browser.close());
    redis = await startRedis();
    stops.push(() => redis.stop());
    sink = await startCountingSink();
    stops.push(() => sink.stop());
    sink.status = 400;
    // Nobody is configured: whoever is on this machine is an operator, and so are its browsers.
    pump = await startPump({
      ...{ redis, pumps: { refusing: countingPump(sink) } },
      own: { workers: 1, retain: '1h' },
    });
    stops.push(() => pump.stop());
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    stops.push(() => new Promise((resolve) => evil.close(resolve)));
    await redis.client.rpush(
      'analytics-tyk-system-analytics',
      ...Array.from({ length: 3 }, (_, at) => encodeRecord({ path: `/pets/${at}` })),
    );
    await until('all are dead letters', async () =>
      (await state().catch(() => '')).includes('"now":3'),
    );
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  /** All that the attacks could change. */
  async function state(): Promise<string> {
    const ledger = await askApi(pump.healthPort, '/api/v1/ledger');
    const reload = await askApi(pump.healthPort, '/api/v1/reload');
    const controls = await redis.client.hgetall('{analytics-tyk-system-analytics}:controls');
    return JSON.stringify([ledger.body, reload.body, controls]);
  }

  it.each([
    ['another port', () => `http://127.0.0.1:${evilPort()}/`],
    ['another name of this machine', () => `http://localhost:${evilPort()}/`],
    ['another name at the same port', () => `http://localhost:${pump.healthPort}/api/v1/nothing`],
  ])('changes nothing and reads nothing: %s', async (_, from) => {
    const before = await state();
    const refusals = await refused();
    const page = await browser.newPage({ bypassCSP: true });
    await page.goto(from());
    const sent = await page.evaluate(attack, [origin(), attacks] as const);
    const read = await page.evaluate(
      (url) =>
        fetch(url).then(
          (answer) => answer.text(),
          () => 'nothing',
        ),
      `${origin()}/api/v1/configuration`,
    );
    await page.close();
    // Those that were sent without asking arrived, and were refused for where they came from.
    expect((await refused()) - refusals).toBeGreaterThan(sent / 4);
    expect(read).toBe('nothing');
    expect(await state()).toBe(before);
    expect(pump.output()).not.toContain('An operator has used the Admin API');
  });

  async function refused(): Promise<number> {
    const { text } = await askApi(pump.healthPort, '/metrics');
    const lines = text.split('\n').filter((line) => /^sluice_api_refusals_total\{/.test(line));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  it('cannot show one of ours within its own', async () => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${evilPort()}/`);
    for (const path of ['/', '/api/v1/status', '/api/v1/nothing', '/ready', '/metrics', '/nothing'])
      expect([path, await framed(page, origin() + path)]).toEqual([path, 'nothing of ours']);
    await page.close();
  });

  async function framed(page: Page, url: string): Promise<string> {
    const frame = await page.evaluateHandle(addFrame, url);
    const inside = await frame.asElement().contentFrame();
    // What the browser shows in its place has this address.
    return inside?.url().startsWith('chrome-error:') === true ? 'nothing of ours' : 'ours';
  }

  it('is what is refused, and not the request itself', async () => {
    const page = await browser.newPage({ bypassCSP: true });
    await page.goto(`${origin()}/live`);
    const status = await page.evaluate(
      async ([path, body]) => {
        const headers = { 'content-type': 'application/json' };
        return (await fetch(path, { method: 'POST', headers, body })).status;
      },
      ['/api/v1/routes/refusing/rate', '{"records":1}'] as const,
    );
    await page.close();
    expect(status).toBe(200);
    expect(await state()).toContain('records');
    expect(pump.output()).toContain('An operator has used the Admin API');
  });
});
