import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { needChromium, startChromium } from '../../services/chromium.ts';
import { until, whyUnavailable } from '../../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../../services/redis.ts';
import { askApi } from '../api.ts';
import { type PumpProcess, startPump } from '../pump.ts';
import { askAsPage, keptInBrowser } from './in-page.mjs';
import { type WatchedPage, watchedPage } from './watched-page.ts';

const unavailable =
  (await whyUnavailable(needRedis)) ?? (await whyUnavailable(() => needChromium()));
const viewer = 'token-of-the-viewer';
const operator = 'token-of-the-operator';
const password = 'the password of ops';
const secrets = [viewer, operator, password];
const patience = 60_000;

describe.skipIf(unavailable !== undefined)('who looks at the console', () => {
  let browser: Browser;
  let redis: RedisServer;
  let pump: PumpProcess;
  let watched: WatchedPage;
  let log = '';
  const stops: (() => Promise<unknown>)[] = [];
  const origin = () => `http://127.0.0.1:${pump.healthPort}`;

  beforeAll(async () => {
    browser = await startChromium();
    stops.push(() => browser.close());
    redis = await startRedis();
    stops.push(() => redis.stop());
    pump = await startPump({
      redis,
      pumps: { archive: { type: 'csv', meta: { csv_dir: '{dir}/csv' } } },
      own: {
        workers: 1,
        admin: {
          viewer_token: viewer,
          operator_token: operator,
          users: [{ name: 'ops', role: 'operator', password }],
        },
      },
      env: { TYK_LOGLEVEL: 'debug' },
    });
    stops.push(() => pump.stop());
    await until('the service is up', async () =>
      askApi(pump.healthPort, '/ready').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });
  afterEach(async () => {
    await watched.stop();
    log += pump.output();
  });

  /** A tab that nobody has logged in to, at this place of the console. */
  async function open(place = ''): Promise<WatchedPage['page']> {
    watched = await watchedPage(browser, origin());
    watched.page.setDefaultTimeout(patience);
    await watched.page.goto(`${origin()}/${place}`);
    return watched.page;
  }

  async function logIn(page: WatchedPage['page'], token: string): Promise<void> {
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.getByTestId('login').getByRole('button', { name: 'Log in' }).click();
  }

  /** A browser says in its console that it was answered 401 or 403, which is what was to be seen. */
  const otherTroubles = async (): Promise<readonly string[]> =>
    (await watched.troubles()).filter((each) => !/status of 40[13]/.test(each));

  it('sees nothing before saying who he is, nor with a token that nobody has', async () => {
    const page = await open();
    await page.getByTestId('login').waitFor();
    await logIn(page, 'another-token-of-nobody');
    await page.getByText('Not let in').waitFor();
    expect(await page.getByTestId('flow').count()).toBe(0);
    expect(await otherTroubles()).toEqual([]);
  });

  it('cannot do as a viewer what an operator may, neither by a button nor by a request', async () => {
    const page = await open('#/routes/ARCHIVE');
    await logIn(page, viewer);
    await page.getByTestId('route-page').waitFor();
    for (const control of ['pause', 'rate', 'rewind', 'skip-to-now'])
      expect([control, await page.getByTestId(control).isDisabled()]).toEqual([control, true]);
    await page.getByText('you are a viewer').first().waitFor();
    // Whoever opens the tools of the browser may press it all the same.
    const changes: readonly (readonly [string, string | undefined])[] = [
      ['/api/v1/routes/archive/pause', undefined],
      ['/api/v1/routes/archive/rate', '{"records":1}'],
      ['/api/v1/dead-letters/purge', '{"route":"archive","all":true}'],
      ['/api/v1/reload', undefined],
    ];
    for (const [path, body] of changes)
      expect([path, await page.evaluate(askAsPage, ['POST', path, body] as const)]).toEqual([
        path,
        403,
      ]);
    expect(await page.evaluate(askAsPage, ['GET', '/api/v1/routes', undefined] as const)).toBe(200);
    expect(await otherTroubles()).toEqual([]);
  });

  it('is known in this tab alone, until he logs out', async () => {
    const page = await open('#/routes/ARCHIVE');
    await logIn(page, operator);
    await page.getByTestId('route-page').waitFor();
    expect(await page.getByTestId('pause').isEnabled()).toBe(true);
    // Where docs/console.md says, and nowhere else.
    const kept = await page.evaluate(keptInBrowser);
    expect(kept.session).toEqual({ 'sluice-credentials': `Bearer ${operator}` });
    expect(JSON.stringify({ ...kept, session: {} })).not.toContain(operator);
    expect(await watched.context.cookies()).toEqual([]);
    expect(await page.content()).not.toContain(operator);
    await page.reload();
    await page.getByTestId('route-page').waitFor();

    const another = await watched.context.newPage();
    await another.goto(`${origin()}/`);
    await another.getByTestId('login').waitFor();
    await another.close();

    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByTestId('login').waitFor();
    expect((await page.evaluate(keptInBrowser)).session).toEqual({});
    await page.reload();
    await page.getByTestId('login').waitFor();
    expect(await page.evaluate(askAsPage, ['GET', '/api/v1/routes', undefined] as const)).toBe(401);
    expect((await otherTroubles()).filter((each) => !each.startsWith('opened '))).toEqual([]);
    expect(watched.asked.join('\n')).not.toContain(operator);
  });

  it('may give a name and a password instead', async () => {
    const page = await open();
    await page.getByLabel('name and password').check();
    await page.getByLabel('Name', { exact: true }).fill('ops');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByTestId('login').getByRole('button', { name: 'Log in' }).click();
    await page.getByTestId('user').getByText('ops, operator').waitFor();
    expect(page.url()).toBe(`${origin()}/`);
    expect(await otherTroubles()).toEqual([]);
  });

  it.each([
    `?token=${operator}`,
    `#token=${operator}`,
    `#/?token=${operator}`,
    `?access_token=${operator}#/dead-letters`,
    `#/routes/ARCHIVE?Token=${operator}`,
  ])('is not let in by an address, which forgets the token at once: %s', async (place) => {
    const page = await open(place);
    await page.getByTestId('login').waitFor();
    await page.getByText('A credential in the address was not used').waitFor();
    expect(page.url()).not.toContain(operator);
    expect(JSON.stringify(await page.evaluate(keptInBrowser))).not.toContain(operator);
    // The API takes none from there either.
    expect((await askApi(pump.healthPort, `/api/v1/status?token=${operator}`)).status).toBe(401);
    expect(await otherTroubles()).toEqual([]);
  });

  it('is told with every answer what a browser may do with it, whatever it is', async () => {
    const page = await open();
    await page.getByTestId('login').waitFor();
    const assets = watched.asked.filter((path) => path.startsWith('/console/'));
    expect(assets.length).toBeGreaterThan(1);
    const paths = [
      ...['/', '/?a=b', ...assets, '/console/', '/console/nothing.js', '/console/../main.js'],
      ...[
        '/console/%2e%2e/main.js',
        '/console/files.json',
        '/nothing',
        '/api/v1',
        '/api/v1/nothing',
      ],
      ...['/api/v1/status', '/ready', '/live', '/metrics', '/health', '/favicon.ico'],
    ];
    for (const path of paths)
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']) {
        const { status, headers } = await askApi(pump.healthPort, path, { method });
        expect([method, path, status, headers]).toMatchObject([
          ...[method, path, status],
          {
            'x-content-type-options': 'nosniff',
            'referrer-policy': 'no-referrer',
            'content-security-policy': expect.stringMatching(
              /^default-src 'none';(?!.*unsafe).*frame-ancestors 'none'/,
            ) as string,
          },
        ]);
        expect(headers['access-control-allow-origin']).toBeUndefined();
        expect(headers['set-cookie']).toBeUndefined();
      }
  });

  it('is not in the log', () => {
    expect(log).toContain('credentials that are not known');
    for (const secret of secrets) expect(log).not.toContain(secret);
  });
});
