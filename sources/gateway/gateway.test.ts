import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
} from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import { request as requestTls } from 'node:https';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Exchange, type Source, type SourceRedis, systemClock } from '#source';
import { nothingWaits } from '../../src/capture/exchange.testing.ts';
import { CountingMetrics } from '../../src/lib/metrics.testing.ts';
import { makeCertificates } from '../../test/services/certificates.ts';
import { memoryLog } from '../../test/services/memory-log.ts';
import { keyless } from './decide/testing.ts';
import gateway from './index.ts';
import { keyOf, storedKey } from './session/key-hash.ts';

let dir: string;
let ends: (() => unknown)[];

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'gateway-'));
  ends = [() => rm(dir, { recursive: true })];
});

afterEach(async () => {
  for (const end of ends.reverse()) await end();
});

/** An upstream that says what it was asked, or does what it is told to. */
async function startOrigin(handle: RequestListener = echo, at?: string): Promise<number> {
  const server: Server = createServer(handle);
  server.listen(at ?? 0);
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return at === undefined ? (server.address() as AddressInfo).port : 0;
}

const echo: RequestListener = (asked, answer) => {
  const { method, url, headers } = asked;
  answer.setHeader('Content-Type', 'application/json');
  answer.end(JSON.stringify({ method, url, headers }));
};

interface Started {
  readonly source: Source;
  readonly port: number;
  readonly exchanges: Exchange[];
  readonly log: ReturnType<typeof memoryLog>;
  readonly metrics: CountingMetrics;
}

async function start(raw: object, redis?: SourceRedis): Promise<Started> {
  const exchanges: Exchange[] = [];
  const log = memoryLog();
  const metrics = new CountingMetrics();
  const { source: prepared, problems } = gateway.prepare({
    ...{ raw: { listen: '127.0.0.1:0', watch: false, ...raw }, source: 'test', at: '' },
    ...{ env: {}, layers: [], unresolved: new Map(), allowed: [] },
  });
  if (prepared === undefined) throw new Error(JSON.stringify(problems));
  const source = await prepared.start({
    writing: nothingWaits,
    ...{ name: 'gateway', log, metrics, clock: systemClock, bodyLimit: 1024, isRecording: true },
    ...{ redis, record: (exchange: Exchange) => void exchanges.push(exchange) },
  });
  ends.push(() => source.stop(AbortSignal.timeout(1000)));
  return {
    source,
    port: Number(/\d+$/.exec(source.listensAt[0] ?? '')?.[0]),
    exchanges,
    log,
    metrics,
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Over a connection of its own. */
async function ask(
  port: number,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const asked = request({ port, path: target, headers, agent: false }).end();
  return answerOf(((await once(asked, 'response')) as [IncomingMessage])[0]);
}

async function answerOf(answer: IncomingMessage): Promise<Answer> {
  let body = '';
  for await (const chunk of answer) body += String(chunk);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body };
}

const seen = ({ body }: Answer) =>
  JSON.parse(body) as { readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** Definitions in the folder, as files of these names. */
async function write(files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, value] of Object.entries(files))
    await writeFile(
      path.join(dir, name),
      typeof value === 'string' ? value : JSON.stringify(value, null, 2),
    );
}

const to = (port: number, fields: object = {}) =>
  keyless({
    proxy: {
      ...{ listen_path: '/a/', target_url: `http://127.0.0.1:${port}/`, strip_listen_path: true },
    },
    ...fields,
  });

describe('the short form', () => {
  it('forwards by host and path, and records each call', async () => {
    const [one, two] = [await startOrigin(), await startOrigin()];
    const { port, exchanges } = await start({
      target: `http://127.0.0.1:${one}`,
      routes: [
        { path: '/two', target: `http://127.0.0.1:${two}/base/`, strip: true, name: 'second' },
        { host: 'three.example', target: `http://127.0.0.1:${two}` },
      ],
    });
    expect(seen(await ask(port, '/x?y')).url).toBe('/x?y');
    expect(seen(await ask(port, '/two/x?y')).url).toBe('/base/x?y');
    expect(seen(await ask(port, '/two')).url).toBe('/base/');
    expect(seen(await ask(port, '/twofold')).url).toBe('/twofold');
    expect(seen(await ask(port, '/', { host: 'three.example' })).headers['host']).toBe(
      `127.0.0.1:${two}`,
    );
    await expect.poll(() => exchanges.length).toBe(5);
    expect(exchanges.map(({ call }) => call.apiName)).toEqual([
      ...['default', 'second', 'second', 'default', 'three.example/'],
    ]);
    expect(exchanges[1]).toMatchObject({
      ...{ source: 'gateway', direction: 'in', server: { port: two } },
      request: { method: 'GET', target: '/x?y' },
      response: { status: 200 },
      call: {
        path: '/x',
        host: `127.0.0.1:${two}`,
        tags: ['api-second'],
        apiVersion: 'Non Versioned',
      },
    });
  });

  it('forwards to a Unix socket', async () => {
    const socket = path.join(dir, 'app.sock');
    await startOrigin(echo, socket);
    const { port, exchanges } = await start({ target: `unix:${socket}` });
    expect(seen(await ask(port, '/x')).url).toBe('/x');
    await expect.poll(() => exchanges).toMatchObject([{ server: { address: socket } }]);
  });

  it('speaks TLS with the certificate of the name that is asked for', async () => {
    const [one, two] = [
      await makeCertificates({ names: ['one.example'] }),
      await makeCertificates({ names: ['two.example'] }),
    ];
    const origin = await startOrigin();
    const { port, source, exchanges } = await start({
      target: `http://127.0.0.1:${origin}`,
      certificates: [
        { cert: one.certFile, key: one.keyFile },
        { cert: two.certFile, key: two.keyFile },
      ],
    });
    expect(source.listensAt[0]).toMatch(/^https:/);
    for (const [servername, { ca }] of [
      ['one.example', one],
      ['two.example', two],
    ] as const) {
      const asked = requestTls({ port, path: '/x', ca, servername, agent: false }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      expect((await answerOf(answer)).status).toBe(200);
    }
    await expect.poll(() => exchanges.length).toBe(2);
    expect(exchanges[1]).toMatchObject({ scheme: 'https', tls: { serverName: 'two.example' } });
  });

  it('says 502 where nobody answers', async () => {
    const { port } = await start({ target: 'http://127.0.0.1:1' });
    expect((await ask(port, '/')).status).toBe(502);
  });

  it.each([
    [{}, 'target'],
    [{ target: 'ftp://a' }, 'target'],
    [{ routes: [{ target: 'http://a', path: 'x' }] }, 'routes[0].path'],
    [{ routes: [{ target: 'http://a', host: 'a:80' }] }, 'routes[0].host'],
    [{ target: 'http://a', routes: [{ target: 'http://b' }] }, 'target'],
  ])('refuses %j before it begins', async (raw, key) => {
    await expect(start(raw)).rejects.toThrow(JSON.stringify(key).slice(1, -1));
  });
});

describe('definitions of Tyk', () => {
  it('are served, with the headers of a gateway', async () => {
    await write({ 'one.json': to(await startOrigin()) });
    const { port, exchanges, metrics } = await start({ apis: dir });
    const answer = await ask(port, '/a/x', { 'x-forwarded-for': '203.0.113.9' });
    expect(answer.headers).toMatchObject({
      ...{ 'x-ratelimit-limit': '0', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '0' },
    });
    expect(seen(answer).headers).toMatchObject({ 'x-forwarded-for': '203.0.113.9, 127.0.0.1' });
    await expect.poll(() => exchanges).toMatchObject([{ call: { clientAddress: '203.0.113.9' } }]);
    expect(metrics.gauges.get('sluice_capture_apis gateway served')).toBe(1);
  });

  it('answer as a gateway does where the upstream is dead', async () => {
    await write({ 'one.json': to(1) });
    const { port, exchanges } = await start({ apis: dir });
    expect(await ask(port, '/a/x')).toMatchObject({
      status: 500,
      body: '{\n    "error": "There was a problem proxying the request"\n}',
    });
    await expect
      .poll(() => exchanges)
      .toMatchObject([{ response: { status: 500 }, call: { path: '/x' } }]);
  });

  it('answer as a gateway does where the upstream is too slow', async () => {
    const slow = await startOrigin(() => undefined);
    await write({
      'one.json': to(slow, {
        version_data: {
          not_versioned: true,
          versions: {
            d: {
              use_extended_paths: true,
              extended_paths: { hard_timeouts: [{ path: '/slow', method: 'GET', timeout: 0.05 }] },
            },
          },
        },
      }),
    });
    const { port } = await start({ apis: dir });
    expect(await ask(port, '/a/slow')).toMatchObject({
      status: 504,
      body: '{\n    "error": "Upstream service reached hard timeout."\n}',
    });
  });

  it('are refused by name, and the others go on', async () => {
    const origin = await startOrigin();
    await write({
      'good.json': to(origin),
      'graph.json': to(origin, { api_id: 'g', graphql: { enabled: true } }),
      'same.json': to(origin, { api_id: 'same' }),
      'off.json': to(origin, { api_id: 'off', active: false }),
      'notes.txt': 'nothing',
    });
    const { port, log, metrics } = await start({ apis: dir });
    expect((await ask(port, '/a/')).status).toBe(200);
    expect(log.text()).toContain(`${dir}/graph.json:`);
    expect(log.text()).toContain('graphql');
    expect(log.text()).toContain('the domain and listen path, or the api_id, of');
    expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { files: [`${dir}/graph.json`, `${dir}/same.json`] } },
    ]);
    expect(metrics.gauges.get('sluice_capture_apis gateway refused')).toBe(2);
    expect(metrics.gauges.get('sluice_capture_apis gateway inactive')).toBe(1);
  });

  it('do not begin where none can be served', async () => {
    await write({ 'graph.json': to(1, { graphql: { enabled: true } }) });
    await expect(start({ apis: dir })).rejects.toThrow(/nothing to serve[^]*graph\.json:\d+:/);
    await expect(start({ apis: path.join(dir, 'none') })).rejects.toThrow(/nothing to serve/);
  });

  it('need Redis where clients need keys', async () => {
    await write({ 'key.json': to(1, { use_keyless: false }) });
    await expect(start({ apis: dir })).rejects.toThrow(/use_keyless/);
  });
});

describe('a reload', () => {
  it('serves what is new, and drops no call under way', async () => {
    const [one, two] = [
      await startOrigin((_, answer) => {
        answer.write('begun ');
        let isReleased = false;
        release = () => {
          if (!isReleased) answer.end('and ended');
          isReleased = true;
        };
      }),
      await startOrigin(),
    ];
    let release = (): void => undefined;
    await write({ 'one.json': to(one) });
    const { port, source } = await start({ apis: dir });
    const asked = request({ port, path: '/a/x', agent: false }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];

    await write({
      'one.json': to(two),
      'two.json': to(two, {
        api_id: 'b',
        proxy: { listen_path: '/b/', target_url: `http://127.0.0.1:${two}` },
      }),
    });
    await source.reload?.();

    expect(seen(await ask(port, '/a/y')).url).toBe('/y');
    expect(seen(await ask(port, '/b/y')).url).toBe('/b/y');
    release();
    expect((await answerOf(answer)).body).toBe('begun and ended');
  });

  it('reads definitions also where certificates are wrong, which stay what they were', async () => {
    const { certFile: cert, keyFile: key, ca } = await makeCertificates();
    const origin = await startOrigin();
    await write({ 'one.json': to(origin) });
    const { port, source, log } = await start({ apis: dir, certificates: [{ cert, key }] });
    await write({
      'two.json': to(origin, {
        api_id: 'b',
        proxy: { listen_path: '/b/', target_url: `http://127.0.0.1:${origin}` },
      }),
    });
    await writeFile(cert, 'nonsense');
    await source.reload?.();
    const asked = requestTls({ port, path: '/b/y', ca, agent: false }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    expect((await answerOf(answer)).status).toBe(200);
    expect(log.text()).toContain('Certificates cannot be used. Those from before serve on.');
  });

  it('keeps what a file said before it broke, and says where', async () => {
    const origin = await startOrigin();
    await write({
      'one.json': to(origin),
      'gone.json': to(origin, {
        api_id: 'g',
        proxy: { listen_path: '/g/', target_url: `http://127.0.0.1:${origin}` },
      }),
    });
    const { port, source, log, metrics } = await start({ apis: dir });
    expect((await ask(port, '/g/')).status).toBe(200);

    await write({ 'one.json': '{\n  "name": "x",,\n}' });
    await rm(path.join(dir, 'gone.json'));
    await source.reload?.();

    expect((await ask(port, '/a/')).status).toBe(200);
    expect((await ask(port, '/g/')).status).toBe(404);
    expect(log.text()).toContain(`${dir}/one.json: line 2, column 15`);
    expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'API definitions were refused. Their APIs are served as before.' },
    ]);
    expect(metrics.of('sluice_capture_reloads_total', 'gateway', 'partial')).toBe(1);
  });

  it('keeps all where the folder is gone', async () => {
    const origin = await startOrigin();
    await write({ 'one.json': to(origin) });
    const { port, source } = await start({ apis: dir });
    await rm(dir, { recursive: true });
    await source.reload?.();
    expect((await ask(port, '/a/')).status).toBe(200);
    await import('node:fs/promises').then(({ mkdir }) => mkdir(dir));
  });

  it('comes by itself when a file changes', async () => {
    const origin = await startOrigin();
    await write({ 'one.json': to(origin) });
    const { port } = await start({ apis: dir, watch: true });
    expect((await ask(port, '/b/')).status).toBe(404);
    await write({
      'two.json': to(origin, {
        api_id: 'b',
        proxy: { listen_path: '/b/', target_url: `http://127.0.0.1:${origin}` },
      }),
    });
    await expect.poll(async () => (await ask(port, '/b/')).status, { timeout: 8000 }).toBe(200);
  });
});

describe('keys', () => {
  const naming = { isHashed: true, hash: 'murmur64' } as const;
  const redisWith = (entries: Readonly<Record<string, unknown>>) => {
    const asked: string[] = [];
    const redis: SourceRedis = {
      call: (_, key) => {
        asked.push(String(key));
        const value = entries[String(key)];
        return value instanceof Error
          ? Promise.reject(value)
          : Promise.resolve(value === undefined ? null : JSON.stringify(value));
      },
    };
    return { redis, asked };
  };
  const stored = (id: string): string => `apikey-${storedKey(keyOf('org', id, naming), naming)}`;

  const withKeys = async (fields: object = {}): Promise<void> => {
    const api = to(await startOrigin(), {
      ...{ use_keyless: false, org_id: 'org', strip_auth_data: true, tag_headers: [] },
      auth: { auth_header_name: 'X-Key', use_param: true, use_cookie: true, cookie_name: 'key' },
      ...fields,
    });
    await write({
      'one.json': api,
      'policies.json.txt': JSON.stringify({
        pol: {
          org_id: 'org',
          tags: ['gold'],
          access_rights: { api1: { versions: ['Default'] } },
          active: true,
        },
        other: { org_id: 'org', access_rights: { other: {} } },
      }),
    });
  };

  it('are looked up where a gateway stores them, once for calls in a row', async () => {
    await withKeys();
    const { redis, asked } = redisWith({
      [stored('abc')]: {
        org_id: 'org',
        alias: 'a client',
        apply_policies: ['pol'],
        meta_data: { tyk_developer_id: '7' },
      },
    });
    const { port, exchanges } = await start(
      { apis: dir, policies: path.join(dir, 'policies.json.txt') },
      redis,
    );
    const ways = [
      await ask(port, '/a/x', { 'x-key': 'Bearer abc', cookie: 'a=1' }),
      await ask(port, '/a/x?a=1&X-Key=abc&b'),
      await ask(port, '/a/x', { cookie: 'a=1; key=abc; b=2' }),
    ];
    expect(ways.map(({ status }) => status)).toEqual([200, 200, 200]);
    // None of them reaches the upstream.
    expect(ways.map((way) => seen(way).url)).toEqual(['/x', '/x?a=1&b', '/x']);
    expect(seen(ways[0] as Answer).headers['x-key']).toBeUndefined();
    expect(seen(ways[2] as Answer).headers['cookie']).toBe('a=1; b=2');
    expect(asked).toEqual([stored('abc')]);
    await expect.poll(() => exchanges.length).toBe(3);
    expect(JSON.stringify(exchanges)).not.toMatch(/\babc\b/);
    expect(exchanges[0]?.call).toMatchObject({
      ...{ alias: 'a client', apiKey: stored('abc').slice(7), orgId: 'org' },
      tags: ['pol-pol', 'dev-7', 'gold', `key-${stored('abc').slice(7)}`, 'org-org', 'api-api1'],
    });
  });

  it.each<[string, unknown, number, string]>([
    ['none', undefined, 403, 'Access to this API has been disallowed'],
    [
      'another API’s',
      { org_id: 'org', access_rights: { other: {} } },
      403,
      'Access to this API has been disallowed',
    ],
    [
      'another policy’s',
      { org_id: 'org', apply_policies: ['other'] },
      403,
      'Access to this API has been disallowed',
    ],
    [
      'a lost policy’s',
      { org_id: 'org', apply_policies: ['lost'] },
      403,
      'Access to this API has been disallowed',
    ],
    [
      'a foreign policy’s',
      { org_id: 'else', apply_policies: ['pol'] },
      403,
      'Access to this API has been disallowed',
    ],
    [
      'one with rights to paths',
      { org_id: 'org', access_rights: { api1: { allowed_urls: [{ url: '/x' }] } } },
      403,
      'Access to this API has been disallowed',
    ],
    [
      'one that cannot be read',
      { org_id: 'org', access_rights: 'all' },
      403,
      'Access to this API has been disallowed',
    ],
    ['inactive', { org_id: 'org', is_inactive: true }, 403, 'Key is inactive, please renew'],
    ['expired', { org_id: 'org', expires: 1_000_000_000 }, 401, 'Key has expired, please renew'],
    ['out of reach', new Error('down'), 503, 'Keys cannot be looked up at the moment'],
  ])('refuses %s', async (_, session, status, words) => {
    await withKeys();
    const { redis } = redisWith({ [stored('abc')]: session });
    const { port } = await start(
      { apis: dir, policies: path.join(dir, 'policies.json.txt') },
      redis,
    );
    expect(await ask(port, '/a/x', { 'x-key': 'abc' })).toMatchObject({
      ...{ status, body: `{\n    "error": "${words}"\n}` },
    });
  });

  it('asks for one where there is none', async () => {
    await withKeys();
    const { port } = await start({ apis: dir }, redisWith({}).redis);
    expect(await ask(port, '/a/x')).toMatchObject({
      ...{ status: 401, body: '{\n    "error": "Authorization field missing"\n}' },
    });
  });
});

describe('other protocols', () => {
  it('are tunnels after an upgrade, with a record of the handshake and the bytes', async () => {
    const server = createServer(echo);
    server.on('upgrade', (asked: IncomingMessage, socket: Duplex) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\nX-Path: ${asked.url}\r\n\r\n`,
      );
      socket.pipe(socket);
    });
    server.listen(0);
    await once(server, 'listening');
    ends.push(() => server.close());
    await write({ 'one.json': to((server.address() as AddressInfo).port) });
    const { port, exchanges } = await start({ apis: dir });

    const asked = request({
      ...{ port, path: '/a/socket', agent: false },
      headers: { Connection: 'Upgrade', Upgrade: 'echo' },
    }).end();
    const [answer, socket] = (await once(asked, 'upgrade')) as [IncomingMessage, Duplex];
    expect(answer.headers['x-path']).toBe('/socket');
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    socket.end();

    await expect.poll(() => exchanges.length).toBe(1);
    expect(exchanges[0]).toMatchObject({ response: { status: 101 }, call: { path: '/socket' } });
  });

  it('are HTTP/2 on both sides where both speak it', async () => {
    const origin = createHttp2Server((asked, answer) => {
      answer.setHeader('x-version', asked.httpVersion);
      answer.end(asked.url);
    });
    origin.listen(0);
    await once(origin, 'listening');
    ends.push(() => origin.close());
    const { port: originPort } = origin.address() as AddressInfo;
    await write({
      'one.json': keyless({
        proxy: {
          ...{ listen_path: '/a/', target_url: `h2c://127.0.0.1:${originPort}` },
          strip_listen_path: true,
        },
      }),
    });
    const { port, exchanges } = await start({ apis: dir });

    const session = connect(`http://127.0.0.1:${port}`);
    ends.push(() => session.destroy());
    const stream = session.request({ ':path': '/a/x?y' });
    const [headers] = (await once(stream, 'response')) as [Readonly<Record<string, unknown>>];
    let body = '';
    for await (const chunk of stream) body += String(chunk);
    expect([headers[':status'], headers['x-version'], body]).toEqual([200, '2.0', '/x?y']);
    await expect.poll(() => exchanges).toMatchObject([{ request: { httpVersion: '2.0' } }]);
  });
});
