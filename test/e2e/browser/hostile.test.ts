import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeRecord } from '../../../src/record/testing.ts';
import { needChromium, startChromium } from '../../services/chromium.ts';
import { until, whyUnavailable } from '../../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../../services/redis.ts';
import { askApi } from '../api.ts';
import { type OutageSink, startOutageSink } from '../outage-sink.ts';
import { type PumpProcess, startPump } from '../pump.ts';
import { overflow } from './accessible.ts';
import { intruders } from './in-page.mjs';
import { type WatchedPage, watchedPage } from './watched-page.ts';

const unavailable =
  (await whyUnavailable(needRedis)) ?? (await whyUnavailable(() => needChromium()));
const list = 'analytics-tyk-system-analytics';
const patience = 60_000;

/** Texts that do something wherever somebody takes them for more than texts. */
const hostile: readonly string[] = [
  `<img src=x onerror="__pwned('img')"><script>__pwned('script')</script>`,
  `"><svg onload=__pwned('svg')><a href="javascript:__pwned('link')">`,
  `' onmouseover='__pwned(1)' onfocus='__pwned(2)' autofocus x='`,
  `javascript:__pwned('address')//`,
  `<iframe srcdoc="<script>parent.__pwned('frame')</script>"></iframe><base href=//evil.example/>`,
  `</title></style></textarea></script><meta http-equiv=refresh content="0;url=//evil.example/">`,
  '{{constructor.constructor("__pwned(1)")()}}${__pwned(2)}<%= __pwned(3) %>#{__pwned(4)}',
  '__proto__',
  'constructor.prototype.polluted',
  '\u202egnp.drawrof\u2066\u200f\u061c <- turned\u202c\u2069',
  '\u0000\u0001\u0007\b\u001b]0;title\u0007\u001b[2J\u007f\u0085\u2028\u2029\ufeff',
  `a${'\u0301'.repeat(2_000)}`,
  '\ufdfd'.repeat(500),
  `${'W'.repeat(200_000)}<script>__pwned('end')</script>`,
];
const markup = hostile[0] ?? '';

/** What a record has in every field: the short ones together, the long ones alone. */
const texts: readonly string[] = [
  hostile.filter((text) => text.length < 1_000).join(' '),
  ...hostile.filter((text) => text.length >= 1_000 || /^\w+$/.test(text)),
];

/** A record with this text wherever one can be. */
const recordOf = (text: string, at: number): Buffer =>
  encodeRecord({
    ...{ method: text, host: text, path: text, raw_path: text, user_agent: text, api_key: text },
    ...{ api_version: text, api_name: text, api_id: text, org_id: text, oauth_id: text },
    ...{ ip_address: text, original_path: text, listen_path: text, tags: [text, text] },
    raw_request: Buffer.from(text).toString('base64'),
    raw_response: text.slice(0, 1_000),
    alias: `hostile ${at} ${text}`,
    response_code: 200,
    timestamp: { seconds: Math.floor(Date.now() / 1_000) },
  });

describe.skipIf(unavailable !== undefined)('what strangers wrote', () => {
  let browser: Browser;
  let redis: RedisServer;
  let sink: OutageSink;
  let pump: PumpProcess;
  let watched: WatchedPage;
  let page: Page;
  const stops: (() => Promise<unknown>)[] = [];
  const origin = () => `http://127.0.0.1:${pump.healthPort}`;
  /** As routes are named, in upper case. */
  const route = markup.toUpperCase();

  beforeAll(async () => {
    browser = await startChromium();
    stops.push(() => browser.close());
    redis = await startRedis();
    stops.push(() => redis.stop());
    sink = await startOutageSink();
    stops.push(() => sink.stop());
    sink.refuses = (alias) => alias.startsWith('hostile');
    sink.reason = hostile.slice(0, 11).join(' ');
    pump = await startPump({
      redis,
      pumps: {
        [markup]: {
          type: 'elasticsearch',
          meta: { elasticsearch_url: sink.url, index_name: 'calls', version: '8' },
        },
        'a\u202eb constructor': {
          type: 'csv',
          meta: { csv_dir: `{dir}/<img src=x onerror=__pwned(5)>` },
        },
        away: { type: 'http', meta: { url: `http://127.0.0.1:9/<svg onload=__pwned(6)>` } },
      },
      own: { workers: 1 },
    });
    stops.push(() => pump.stop());
    const records = texts.map(recordOf);
    await redis.client.rpush(list, ...records, ...hostile.slice(0, 3));
    await until(
      'all are dead letters',
      async () => (await letters().catch(() => 0)) === texts.length + 3,
      patience,
      async () => `${await letters()} are: ${pump.output()}`,
    );
    watched = await watchedPage(browser, origin());
    stops.push(() => watched.stop());
    page = watched.page;
    page.setDefaultTimeout(patience);
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  async function letters(): Promise<number> {
    const { body } = await askApi(pump.healthPort, '/api/v1/dead-letters?limit=1000');
    return (body as { readonly letters: readonly unknown[] }).letters.length;
  }

  /** What the page does with them, in a wide window and in a narrow one: nothing. */
  async function untouched(where: string): Promise<void> {
    const found: string[] = [];
    for (const width of [1_280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      for (const each of await overflow(page)) found.push(`${width}: ${each}`);
    }
    found.push(...(await page.evaluate(intruders)), ...(await watched.troubles()));
    await page.setViewportSize({ width: 1_280, height: 800 });
    expect([where, found]).toEqual([where, []]);
  }

  it('would be noticed, did it run', async () => {
    const trapped = await watchedPage(browser, origin());
    await trapped.page.setContent(markup);
    await until('it ran', async () =>
      (await trapped.troubles()).some((each) => each === 'ran: img'),
    );
    await trapped.stop();
  });

  it('does nothing in the flow', async () => {
    await page.goto(`${origin()}/`);
    await page.getByTestId(`route-node-${route}`).waitFor();
    for (const table of await page.locator('summary').all()) await table.click();
    await untouched('the flow');
  });

  it('does nothing on the page of a route', async () => {
    await page.getByTestId(`route-node-${route}`).click();
    await page.getByTestId('last-error').waitFor();
    await page.getByTestId('show-letters').first().click();
    await page.getByTestId('letter-row').first().waitFor();
    await untouched('the page of a route');
    await page.getByTestId('pause').click();
    await page.getByTestId('dialog').waitFor();
    await untouched('the dialog of a pause');
    await page.keyboard.press('Escape');
  });

  it('does nothing among the dead letters, in none of them', async () => {
    await page.goto(`${origin()}/#/dead-letters`);
    await page.getByTestId('reason-row').first().waitFor();
    await untouched('the reasons');
    for (const row of await page.getByTestId('reason-row').all()) {
      await row.getByTestId('show-letters').click();
      await page.getByTestId('letter-row').first().waitFor();
      await untouched('the letters of a reason');
      const count = await page.getByTestId('open-letter').count();
      for (let at = 0; at < count; at++) {
        await page.getByTestId('open-letter').nth(at).click();
        const dialog = page.getByTestId('dialog');
        await dialog
          .getByText(/Raw|raw_path|base64/)
          .first()
          .waitFor();
        // Long ones are shown whole where somebody asks for it; each button goes with that.
        const more = dialog.getByRole('button', { name: /^… show/ });
        if ((await more.count()) > 0) await more.first().click();
        await untouched(`letter ${at}`);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
      }
    }
  });

  it('does nothing in the live tail', async () => {
    await page.goto(`${origin()}/#/tail`);
    await page.getByTestId('tail-start').click();
    await page.getByTestId('tail-state').getByText('Watching').waitFor();
    sink.refuses = () => false;
    // A thread looks from the moment it has loaded what that needs, which nothing outside of it can see: some records may pass before.
    await until(
      'the tail shows records',
      async () => {
        await redis.client.rpush(list, ...texts.map(recordOf));
        const shown = page.getByTestId('tail').waitFor({ timeout: 2_000 });
        return shown.then(
          () => true,
          () => false,
        );
      },
      patience,
    );
    await untouched('the tail');
    // Long texts have buttons of their own.
    await page.getByTestId('tail').getByRole('button', { name: /^Open/ }).first().click();
    await page.getByTestId('record').waitFor();
    await untouched('a record of the tail');
    await page.keyboard.press('Escape');
  });

  it('does nothing among options and instances', async () => {
    await page.goto(`${origin()}/#/configuration`);
    await page.getByTestId('options').waitFor();
    await page.getByTestId('option-filter').fill('<img');
    await page.getByTestId('options').getByText('onerror').first().waitFor();
    await untouched('the configuration');
    await page.goto(`${origin()}/#/instances`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText(route.slice(0, 20)).first().waitFor();
    await untouched('the instances');
  });

  it('does nothing in an address', async () => {
    const addresses = [
      `#/routes/${encodeURIComponent(markup)}`,
      `#${encodeURIComponent(markup)}`,
      `#/dead-letters?route=${encodeURIComponent(markup)}`,
      '#javascript:__pwned(7)',
      '#/routes/__proto__',
      '#/routes/%zz',
      `?${encodeURIComponent(markup)}#/`,
    ];
    for (const address of addresses) {
      await page.goto(`${origin()}/${address}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await untouched(address);
    }
  });
});
