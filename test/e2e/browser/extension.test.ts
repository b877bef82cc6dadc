/** The extension in a real browser: what its developer tools see of the demo's API arrives in Redis, and before that nothing does. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildExtension } from '../../../scripts/lib/extension.mjs';
import { unpackEntry } from '../../../scripts/lib/zip.mjs';
import { msgpackDecoder } from '../../../src/record/msgpack/decoder.ts';
import { needWholeChromium, openDevTools, startChromiumWith } from '../../services/chromium.ts';
import { launch, scratchFolder, until, whyUnavailable } from '../../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../../services/redis.ts';
import { type Part, startServices, startShop } from '../shop.ts';

const unavailable = (await whyUnavailable(needRedis)) ?? (await whyUnavailable(needWholeChromium));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const list = 'analytics-tyk-system-analytics';
const token = 'the-token-of-the-extension';

it('a Chromium that takes extensions is there', ({ skip }) => {
  if (unavailable !== undefined) skip(unavailable);
});

/** As the browser makes it of the key in the manifest. */
async function extensionId(): Promise<string> {
  const { key } = JSON.parse(
    await readFile(path.join(root, 'extension/manifest.json'), 'utf8'),
  ) as {
    readonly key: string;
  };
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex');
  return digest
    .slice(0, 32)
    .replaceAll(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 16)));
}

it('has the identity that its README names, and is packed whole', async () => {
  const folder = path.join(await scratchFolder('extension'), 'extension');
  const archive = await readFile(await buildExtension(folder));
  const again = await readFile(await buildExtension(folder));
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const text = unpackEntry(archive, (name) => name === 'manifest.json')?.toString() ?? '';

  expect(await readFile(path.join(root, 'extension/README.md'), 'utf8')).toContain(
    `chrome-extension://${await extensionId()}`,
  );
  expect(JSON.parse(text)).toMatchObject({
    manifest_version: 3,
    version,
    permissions: ['storage'],
  });
  expect(JSON.parse(text)).not.toHaveProperty('host_permissions');
  expect(again.equals(archive)).toBe(true);
});

describe.skipIf(unavailable !== undefined)('the browser extension', () => {
  let redis: RedisServer;
  let browser: BrowserContext;
  let shop: Part;
  let options: Page;
  let receiver: string;
  const stops: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    stops.push(() => redis.stop());
    const folder = await scratchFolder('shop');
    const services = await startServices(folder);
    stops.push(() => services.child.stop());
    shop = await startShop(folder, services, { listen: '127.0.0.1:0' });
    stops.push(() => shop.child.stop());
    const id = await extensionId();
    receiver = await startReceiver(`chrome-extension://${id}`);
    const built = path.join(await scratchFolder('extension'), 'extension');
    await buildExtension(built);
    browser = await startChromiumWith(built);
    stops.push(() => browser.close());
    options = await browser.newPage();
    await options.goto(`chrome-extension://${id}/options.html`);
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  async function startReceiver(origin: string): Promise<string> {
    const file = path.join(await scratchFolder('capture'), 'capture.json');
    const source = { type: 'har', listen: '127.0.0.1:0', origins: [origin], token };
    const storage = { host: redis.host, port: redis.port };
    await writeFile(file, JSON.stringify({ storage, sources: [source] }));
    const program = path.join(root, 'dist/src/capture.js');
    let output = '';
    const child = launch(process.execPath, [program, '--conf', file], {
      onOutput(text) {
        output += text;
      },
    });
    stops.push(() => child.stop());
    const address = (): string => /listens_at="?(http:[^"\s]+)/.exec(output)?.[1] ?? '';
    await until('it listens, or ends', () => address() !== '' || !child.isRunning());
    return address();
  }

  async function set(fields: Readonly<Record<string, string>>, isOn: boolean): Promise<string> {
    for (const [label, value] of Object.entries(fields))
      await options.getByLabel(label).fill(value);
    await options.getByLabel('Send', { exact: true }).setChecked(isOn);
    await options.getByRole('button', { name: 'Save' }).click();
    await until('it is said', async () => (await options.locator('#said').textContent()) !== '');
    return (await options.locator('#said').textContent()) ?? '';
  }

  /** A new tab of the shop with developer tools, which logs in at this place for a while. */
  async function visit(place: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(`http://${shop.listens['shop'] ?? ''}/products/1001`);
    await openDevTools(browser, page);
    // The tools begin in their own time, and see what follows.
    await page.evaluate(async (url) => {
      for (let times = 0; times < 20; times++) {
        await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ user: 'anna', password: 'anna-of-the-demo' }),
        });
        await new Promise((resolve) => {
          setTimeout(resolve, 100);
        });
      }
    }, place);
    return page;
  }

  const records = async () => {
    const elements = await redis.client.lrangeBuffer(list, 0, -1);
    const chunk = msgpackDecoder.decode(elements);
    return elements.map((_, at) => chunk.record(at));
  };
  const decoded = (text: string | undefined): string =>
    Buffer.from(text ?? '', 'base64').toString();

  it('sends nothing before it is switched on', async () => {
    const page = await visit('/login?before');
    await page.close();

    expect(await records()).toEqual([]);
    expect(await options.locator('#counts').textContent()).toMatch(/^0 sent/);
  });

  it('is not switched on without hosts, or for another machine without TLS and a token', async () => {
    expect(await set({ Address: receiver }, true)).toMatch(/^Not saved\. Hosts to send: expected/);
    expect(
      await set({ Address: 'http://sluice.example/', 'Hosts to send': 'shop.example' }, true),
    ).toMatch(/expected https:\/\/.* Token: expected one/);
  });

  it('sends calls of the hosts that were named, with their bodies', async () => {
    const said = await set({ Address: receiver, Token: token, 'Hosts to send': '127.0.0.1' }, true);
    expect(said).toMatch(/^Saved\. Calls of 127\.0\.0\.1 are sent/);

    const page = await visit('/login?after');

    await until('they are written', async () => (await records()).length > 0);
    const found = (await records()).find((record) => record?.text('path') === '/login');
    expect(decoded(found?.text('raw_request'))).toMatch(/^POST \/login\?after HTTP\//);
    expect(found?.text('method')).toBe('POST');
    expect(found?.integer('response_code')).toBe(200);
    expect(found?.list('tags')).toContain('cap-source-har');
    expect(decoded(found?.text('raw_request'))).toContain('"user":"anna"');
    expect(decoded(found?.text('raw_response'))).toContain('"expires_in":600');
    // Redacted before anything is stored.
    expect(decoded(found?.text('raw_request'))).not.toContain('anna-of-the-demo');
    await until('it is counted', async () =>
      /^[1-9]\d* sent/.test((await options.locator('#counts').textContent()) ?? ''),
    );
    await page.close();
  });

  it('sends nothing of hosts that are left out, and nothing once it is switched off', async () => {
    await set({ 'Hosts to send': '*', 'Hosts to leave out': '127.0.0.1' }, true);
    await (await visit('/login?left-out')).close();
    await set({ 'Hosts to leave out': '' }, false);
    await (await visit('/login?off')).close();

    const targets = (await records()).map(
      (record) => decoded(record?.text('raw_request')).split(' ')[1] ?? '',
    );
    expect(targets.filter((each) => !/^\/login\?after$|^\/products/.test(each))).toEqual([]);
  });
});
