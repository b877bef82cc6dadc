import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeRecord } from '../../../src/record/testing.ts';
import { needChromium, startChromium } from '../../services/chromium.ts';
import { type Child, freePort, launch, until, whyUnavailable } from '../../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../../services/redis.ts';
import { askApi } from '../api.ts';
import { type OutageSink, startOutageSink } from '../outage-sink.ts';
import { type PumpProcess, startPump } from '../pump.ts';
import { axeScript, findings } from './accessible.ts';
import { enter, tabTo } from './keyboard.ts';
import { type WatchedPage, watchedPage } from './watched-page.ts';

const unavailable =
  (await whyUnavailable(needRedis)) ?? (await whyUnavailable(() => needChromium()));
const main = fileURLToPath(new URL('../../../dist/src/main.js', import.meta.url));
const images = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
/** With it the pictures of the docs are taken anew. */
const takesPictures = process.env['SLUICE_SCREENSHOTS'] === '1';
const list = 'analytics-tyk-system-analytics';
/** Longer than anything on this way takes on a machine that does much else. */
const patience = 60_000;

/** What a new user does first, one step after the other, in one browser. */
describe.skipIf(unavailable !== undefined)('the walk of a new user', () => {
  let browser: Browser;
  let redis: RedisServer;
  let sink: OutageSink;
  let sinkPort: number;
  let pump: PumpProcess;
  let watched: WatchedPage;
  let page: Page;
  let traffic: Child | undefined;
  const stops: (() => Promise<unknown>)[] = [];
  const origin = () => `http://127.0.0.1:${pump.healthPort}`;

  beforeAll(async () => {
    browser = await startChromium();
    stops.push(() => browser.close());
    redis = await startRedis();
    stops.push(() => redis.stop());
    sinkPort = await freePort();
    await openSink();
    stops.push(() => sink.stop());
    pump = await startPump({
      redis,
      pumps: {
        search: {
          type: 'elasticsearch',
          meta: { elasticsearch_url: sink.url, index_name: 'calls', version: '8' },
        },
        archive: { type: 'csv', meta: { csv_dir: '{dir}/csv' } },
        errors: {
          type: 'file',
          filters: { response_codes: [500, 502, 503] },
          meta: { path: '{dir}/errors.ndjson' },
        },
      },
      own: { workers: 1, retain: '1h' },
    });
    stops.push(() => pump.stop());
    await until('the service is up', async () =>
      askApi(pump.healthPort, '/ready').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    traffic = launch(process.execPath, [
      ...[main, 'generate', '--redis', `127.0.0.1:${redis.port}`],
      ...['--rate', '120', '--records', '1000000', '--encoding', 'mixed', '--lists', 'one'],
    ]);
    stops.push(async () => traffic?.stop());
    watched = await watchedPage(browser, origin());
    stops.push(() => watched.stop());
    await watched.context.addInitScript(axeScript);
    page = watched.page;
    page.setDefaultTimeout(patience);
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  /** A sink that refuses orders of one path, and takes the rest. */
  async function openSink(): Promise<void> {
    sink = await startOutageSink(sinkPort);
    sink.refuses = (alias) => alias.startsWith('partner-');
  }

  const sluice = (...args: readonly string[]): Promise<string> =>
    new Promise((resolve) => {
      const conf = path.join(pump.dir, 'pump.json');
      execFile(process.execPath, [main, ...args, '--conf', conf], (_error, out, err) =>
        resolve(out + err),
      );
    });

  const node = (route: string) => page.getByTestId(`route-node-${route}`);
  const pageNamed = (name: string) =>
    page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name });

  async function picture(name: string, target: Page = page): Promise<void> {
    if (!takesPictures) return;
    mkdirSync(images, { recursive: true });
    await target.screenshot({ path: path.join(images, `${name}.png`), animations: 'disabled' });
  }

  it('sees the flow: lists, segments, routes, sinks, with rates', async () => {
    await page.goto(`${origin()}/`);
    for (const route of ['SEARCH', 'ARCHIVE', 'ERRORS'])
      await node(route).getByText('delivering').waitFor();
    await page.getByTestId('whole').getByText('all well').waitFor();
    await page.getByTestId('list-node').first().waitFor();
    expect(await page.getByTestId('flow-summary').textContent()).toMatch(
      /^[\d.]+ records a second to 3 sinks/,
    );
    await picture('console-flow');
    expect(await watched.troubles()).toEqual([]);
  });

  it('sees a sink that breaks everywhere at once: in the flow, /ready, status, top', async () => {
    await sink.stop();
    await node('SEARCH').locator('[data-tone="bad"]').waitFor();
    await page.getByTestId('sink-node-SEARCH').getByText('down').waitFor();
    expect(await page.getByTestId('whole').textContent()).toContain('SEARCH');
    const { body } = await askApi(pump.healthPort, '/ready');
    expect(body).toMatchObject({
      routes: expect.arrayContaining([
        expect.objectContaining({
          route: 'SEARCH',
          health: expect.objectContaining({ state: 'down' }) as unknown,
        }),
      ]) as unknown,
    });
    expect(await sluice('status')).toMatch(/SEARCH .*down/);
    expect(await sluice('top', '--once')).toMatch(/SEARCH .*down[^]*ECONNREFUSED/);
    // The others go on.
    await node('ARCHIVE').getByText('delivering').waitFor();
    await node('SEARCH')
      .getByText(/lag \d+/)
      .waitFor();
    await picture('console-sink-down');
    await node('SEARCH').click();
    await page.getByTestId('state-sentence').getByText('ECONNREFUSED').waitFor();
    expect(await page.getByTestId('last-error').textContent()).toContain('ECONNREFUSED');
  });

  it('mends it, and the lag goes back to nothing', async () => {
    await openSink();
    await page.goto(`${origin()}/#/`);
    await node('SEARCH').getByText('no lag').waitFor();
    await page.getByTestId('whole').getByText('all well').waitFor();
    expect(await watched.troubles()).toEqual([]);
  });

  it('finds a dead letter by its reason, reads it, and has it delivered again', async () => {
    await pushPartner(1);
    await pageNamed('Dead letters').click();
    const row = page.getByTestId('reason-row').filter({ hasText: 'a field of another type' });
    await row.waitFor();
    // Another of the same kind is not shown with it.
    sink.reason = 'a field that is too long: \ud800, half a character';
    await pushPartner(9);
    const other = page.getByTestId('reason-row').filter({ hasText: 'a field that is too long' });
    await other.waitFor();
    await row.getByTestId('show-letters').click();
    await page.getByTestId('letter-row').getByTestId('open-letter').click();
    const record = page.getByTestId('record');
    await record.getByText('/orders/1').first().waitFor();
    await picture('console-dead-letter');
    sink.refuses = () => false;
    await page.getByTestId('retry-letter').click();
    await page.getByTestId('confirm').click();
    await page
      .getByTestId('letters-result')
      .getByText('1 letter will be delivered again.')
      .waitFor();
    await until('it has arrived', () => sink.arrived.get('partner-1') === 1, patience);
    await other.getByTestId('show-letters').click();
    await page.getByTestId('retry-all').getByText('Retry all with this reason').click();
    await page.getByTestId('confirm').click();
    await until('so has the other', () => sink.arrived.get('partner-9') === 1, patience);
    await page.getByTestId('no-letters').waitFor();
    sink.reason = 'a field of another type';
    expect(await watched.troubles()).toEqual([]);
  });

  it('does the same without a mouse', async () => {
    sink.refuses = (alias) => alias.startsWith('partner-');
    await pushPartner(2);
    await page.goto(`${origin()}/#/`);
    await node('SEARCH').getByText('1 dead letter').waitFor();
    await enter(page, pageNamed('Dead letters'));
    const row = page.getByTestId('reason-row');
    await row.waitFor();
    await enter(page, row.getByTestId('show-letters'));
    await page.getByTestId('letter-row').waitFor();
    await enter(page, page.getByTestId('open-letter'));
    await page.getByTestId('record').getByText('/orders/2').first().waitFor();
    sink.refuses = () => false;
    await enter(page, page.getByTestId('retry-letter'));
    await page.getByTestId('dialog').getByText('Deliver again?').waitFor();
    // Esc leaves everything as it was, and gives the focus back.
    await page.keyboard.press('Escape');
    await page.getByTestId('dialog').waitFor({ state: 'detached' });
    await tabTo(page, page.getByRole('checkbox', { name: /^Choose / }));
    await page.keyboard.press('Space');
    await enter(page, page.getByTestId('retry-chosen'));
    await enter(page, page.getByTestId('confirm'));
    await until('it has arrived', () => sink.arrived.get('partner-2') === 1, patience);
    await page.getByTestId('no-letters').waitFor();
    expect(await watched.troubles()).toEqual([]);
  });

  it('pauses a route and resumes it', async () => {
    await page.goto(`${origin()}/#/routes/ARCHIVE`);
    await page.getByTestId('pause').click();
    await page.getByTestId('confirm').click();
    await page.getByTestId('route-page').locator('[data-tone="paused"]').waitFor();
    expect(await sluice('route', 'ls')).toMatch(/ARCHIVE .*paused/);
    await page.getByTestId('resume').click();
    await page.getByTestId('confirm').click();
    await page.getByTestId('route-page').locator('[data-tone="good"]').waitFor();
    expect(await watched.troubles()).toEqual([]);
  });

  it('adds a pump by a reload, and it appears in the flow', async () => {
    await page.goto(`${origin()}/#/`);
    await node('ARCHIVE').waitFor();
    const conf = path.join(pump.dir, 'pump.json');
    const config = JSON.parse(readFileSync(conf, 'utf8')) as { pumps: Record<string, unknown> };
    config.pumps['audit'] = { type: 'csv', meta: { csv_dir: path.join(pump.dir, 'audit') } };
    writeFileSync(conf, JSON.stringify(config));
    process.kill(pump.pid, 'SIGHUP');
    await node('AUDIT').getByText('delivering').waitFor();
    expect(await watched.troubles()).toEqual([]);
  });

  it('is accessible on every page, in light and dark, and on a narrow screen', async () => {
    sink.refuses = (alias) => alias.startsWith('partner-');
    await pushPartner(3);
    const places = [
      '/',
      '/routes/SEARCH',
      '/dead-letters',
      '/tail',
      '/configuration',
      '/instances',
      '/nothing',
    ];
    const found: string[] = [];
    for (const place of places) {
      await page.goto(`${origin()}/#${place}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (place === '/dead-letters') {
        await page.getByTestId('show-letters').click();
        await page.getByTestId('letter-row').waitFor();
      }
      if (place === '/tail') {
        await page.getByTestId('tail-start').click();
        await page.getByTestId('tail').waitFor();
      }
      for (const [colorScheme, width] of [
        ['light', 1280],
        ['dark', 1280],
        ['light', 360],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        for (const each of await findings(page))
          found.push(`${place}, ${colorScheme}, ${width}: ${each}`);
      }
      await page.setViewportSize({ width: 1280, height: 800 });
    }
    expect(found).toEqual([]);
    expect(await watched.troubles()).toEqual([]);
  });

  /** A call that the sink refuses. */
  async function pushPartner(number: number): Promise<void> {
    const now = new Date();
    const fields = {
      ...{ method: 'POST', path: `/orders/${number}`, raw_path: `/orders/${number}` },
      ...{ api_name: 'Orders', api_id: 'orders', response_code: 201, alias: `partner-${number}` },
      ...{ timestamp: { seconds: Math.floor(now.getTime() / 1000) }, request_time: 38 },
    };
    await redis.client.rpush(list, encodeRecord(fields));
    await until(
      'it is a dead letter',
      async () => {
        const { body } = await askApi(pump.healthPort, '/api/v1/dead-letters?route=SEARCH');
        return (body as { readonly letters: readonly unknown[] }).letters.length === 1;
      },
      patience,
    );
  }
});
