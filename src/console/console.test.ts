import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AdminUser } from '../config/config.ts';
import { Secret } from '../lib/secret.ts';
import { Console } from './console.ts';

const page = '<!doctype html><title>Sluice</title>';
const script = 'console.log(1);\n'.repeat(100);
const someone: AdminUser = {
  name: 'ops',
  role: 'operator',
  token: new Secret('a token of some length'),
  password: undefined,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-console-'));
  writeFileSync(path.join(folder, 'index.html'), page);
  writeFileSync(path.join(folder, 'main-1.js'), script);
  writeFileSync(path.join(folder, 'main-1.js.br'), brotliCompressSync(script));
  writeFileSync(path.join(folder, 'secret.txt'), 'not in the list');
  writeFileSync(path.join(folder, 'files.json'), '["index.html", "main-1.js"]');
});
afterAll(() => rmSync(folder, { recursive: true }));

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serving(users: readonly AdminUser[] = [], where = folder) {
  const pages = new Console({
    admin: () => ({ hasConsole: true, users }),
    folder: pathToFileURL(`${where}/`),
  });
  const server = createServer((asked, response) => void pages.serve(asked, response));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return (name: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>(
      (resolve, reject) => {
        const asking = request({ port, path: name, method, headers }, (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(parts),
            }),
          );
        });
        asking.on('error', reject);
        asking.end();
      },
    );
}

describe('the console', () => {
  it('has the page and its own paths, and no others', () => {
    const pages = new Console({
      admin: () => ({ hasConsole: true, users: [] }),
      folder: new URL('file:///nowhere/'),
    });
    expect(['/', '/console/main-1.js'].every((each) => pages.isOurs(each))).toBe(true);
    expect(
      ['/ready', '/api/v1/x', '/consoles', '/console'].some((each) => pages.isOurs(each)),
    ).toBe(false);
  });

  it('serves the page under a policy that permits its own files alone', async () => {
    const ask = await serving();
    const { status, headers, body } = await ask('/');
    expect([status, body.toString()]).toEqual([200, page]);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-cache',
    });
  });

  it('sends a file packed to those who take it so, and once to those who keep it', async () => {
    const ask = await serving();
    const plain = await ask('/console/main-1.js');
    const packed = await ask('/console/main-1.js', { 'accept-encoding': 'gzip, br' });
    expect(plain.body.toString()).toBe(script);
    expect(plain.headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8' });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' });
    expect(packed.body.length).toBeLessThan(script.length);
    const refused = await ask('/console/main-1.js', { 'accept-encoding': 'br;q=0' });
    expect(refused.headers['content-encoding']).toBeUndefined();
    const again = await ask('/console/main-1.js', {
      'if-none-match': String(plain.headers['etag']),
    });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it.each(['secret.txt', 'files.json', '../package.json', '%2e%2e/x', 'main-1.js.br', ''])(
    'has no file %j',
    async (name) => {
      const ask = await serving();
      expect((await ask(`/console/${name}`)).status).toBe(404);
    },
  );

  it('can only be read', async () => {
    const ask = await serving();
    const { status, headers } = await ask('/', {}, 'POST');
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
    expect((await ask('/', {}, 'HEAD')).status).toBe(200);
  });

  it('is for this machine alone where there are no users, and else for all, who are asked then', async () => {
    const foreign = { host: 'sluice.example', 'x-forwarded-for': '192.0.2.1' };
    const alone = await serving();
    const { status, body } = await alone('/', foreign);
    expect(status).toBe(403);
    expect(body.toString()).toContain('only this machine may ask');
    const withUsers = await serving([someone]);
    expect((await withUsers('/', foreign)).status).toBe(200);
  });

  it('says so where it was not built', async () => {
    const empty = mkdtempSync(path.join(tmpdir(), 'sluice-console-'));
    const ask = await serving([], empty);
    const { status, body } = await ask('/');
    expect([status, body.toString()]).toEqual([
      503,
      '503 the console cannot be read: this Sluice was built without it (npm run build)\n',
    ]);
    rmSync(empty, { recursive: true });
  });
});
