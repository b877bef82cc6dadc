import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PreparedPump } from '#pump';
import {
  aBatch,
  aContext,
  aPreparedPump,
  FakeHttpServer,
  failureOf,
  outcomesOf,
  type ReceivedRequest,
  type Reply,
} from '#pump/testing';
import { findPump } from '../pumps/index.ts';
import { type ProxyBehaviour, TestProxy } from './proxy.testing.ts';
import { type Certificates, makeCertificates } from './services/certificates.ts';

const host = 'sink.example';
const password = 'p4ss/w@rd';
const login = `me:${encodeURIComponent(password)}`;

/** How each pump is told of its server. */
const pumps: Readonly<Record<string, (url: string) => object>> = {
  elasticsearch: (url) => ({ elasticsearch_url: url, version: '8', use_ssl: true }),
  influx: (url) => ({ address: url, database_name: 'd', fields: ['path'] }),
  influx2: (url) => ({
    address: url,
    bucket: 'b',
    organization: 'o',
    token: 't',
    fields: ['path'],
  }),
  otlp: (url) => ({ url }),
  splunk: (url) => ({ collector_url: url, collector_token: 't', enable_batch: true }),
};

function answer({ path, body }: ReceivedRequest): Reply {
  if (path === '/_bulk') {
    const count = String(body).split('\n').length >> 1;
    const items = Array.from({ length: count }, () => ({ create: { status: 201 } }));
    return { status: 200, body: { errors: false, items } };
  }
  if (path === '/api/v2/buckets')
    return { status: 200, body: { buckets: [{ id: '1', name: 'b' }] } };
  return path.startsWith('/services')
    ? { status: 200, body: { text: 'Success', code: 0 } }
    : { status: 204 };
}

let certificates: Certificates;
const opened: { close(): Promise<unknown> }[] = [];
beforeAll(async () => {
  certificates = await makeCertificates({ names: [host] });
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function aServer(scheme: string): Promise<FakeHttpServer> {
  const server = await FakeHttpServer.start(answer, scheme === 'https' ? certificates : undefined);
  opened.push(server);
  return server;
}

async function aProxy(behaviour: ProxyBehaviour = {}): Promise<TestProxy> {
  const proxy = await TestProxy.start(behaviour);
  opened.push(proxy);
  return proxy;
}

interface Way {
  readonly type: string;
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
}

async function aPump({ type, url, env }: Way): Promise<PreparedPump> {
  const found = await findPump(type);
  if (found.outcome !== 'found') throw new Error(`${type} is not in the registry`);
  const tls = url.startsWith('https') ? { ssl_ca_file: certificates.caFile } : {};
  return aPreparedPump(found.pump, { ...pumps[type]?.(url), ...tls }, env);
}

async function deliver(way: Way, signal = AbortSignal.timeout(20_000)) {
  const pump = await aPump(way);
  const context = aContext();
  const sink = await pump.open(context, signal);
  opened.push({ close: () => sink.close(AbortSignal.timeout(5_000)) });
  const { verdicts } = await sink.deliver(aBatch(2), signal);
  const health = await sink.check(signal);
  return { verdicts, health, words: JSON.stringify([verdicts, health, context.lines]) };
}

const both = (url: string): Readonly<Record<string, string>> => ({
  HTTP_PROXY: url,
  HTTPS_PROXY: url,
});

describe.each(Object.keys(pumps))('%s', (type) => {
  it.each([
    ['http', false],
    ['https', false],
    ['https', true],
  ])('delivers by %s through the proxy, with TLS to it: %s', async (scheme, isSecure) => {
    const server = await aServer(scheme);
    const proxy = await aProxy({ credentials: login, ...(isSecure ? { tls: certificates } : {}) });
    const url = `${scheme}://${host}:${server.port}`;

    const { verdicts, health } = await deliver({ type, url, env: both(proxy.url) });

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered']);
    expect(health.state).toBe('up');
    expect(server.requests[0]?.headers['host']).toBe(`${host}:${server.port}`);
    expect(server.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
    expect(proxy.asked[0]).toMatch(scheme === 'https' ? `CONNECT ${host}:` : `POST ${url}/`);
  });

  it('goes by itself where the address is to be spared', async () => {
    const proxy = await aProxy();

    await deliver({
      ...{ type, url: 'http://127.0.0.1:9' },
      env: { ...both(proxy.url) },
    });
    await deliver({
      ...{ type, url: 'https://sink.invalid:9' },
      env: { ...both(proxy.url), NO_PROXY: '.invalid' },
    });

    expect(proxy.asked).toEqual([]);
  });

  it.each([
    ['http', { credentials: 'other:login' }, 'unauthorised'],
    ['https', { credentials: 'other:login' }, 'unauthorised'],
    ['http', { refusal: 403 }, 'unauthorised'],
    ['https', { refusal: 403 }, 'unreachable'],
    ['http', { refusal: 502 }, 'unreachable'],
    ['https', { refusal: 502 }, 'unreachable'],
  ])('names the proxy that refuses, by %s, with %j', async (scheme, behaviour, kind) => {
    const proxy = await aProxy(behaviour);
    const address = proxy.url.replace(/\/\/(.*@)?/, '//');
    const env = both(address.replace('//', `//${login}@`));

    const said = await deliver({ type, url: `${scheme}://${host}:9200`, env });

    expect(failureOf(said.verdicts[0])).toMatchObject({
      kind,
      message: expect.stringContaining(`proxy ${address} (HTTP`) as string,
    });
    expect(JSON.stringify(said.health)).toContain(`proxy ${address} (HTTP`);
    expect(said.words).not.toContain(password);
    expect(said.words).not.toContain(encodeURIComponent(password));
    expect(said.words).not.toContain(Buffer.from(`me:${password}`).toString('base64'));
  });

  it.each(['http', 'https'])('names the proxy that is away, by %s', async (scheme) => {
    const proxy = await aProxy();
    const { url } = proxy;
    await proxy.close();

    const { verdicts } = await deliver({ type, url: `${scheme}://${host}:9200`, env: both(url) });

    expect(failureOf(verdicts[0])).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining(`proxy ${url} (HTTP`) as string,
    });
  });

  it.each(['http', 'https'])(
    'ends with its signal while the proxy hangs, by %s',
    async (scheme) => {
      const proxy = await aProxy({ isStalled: true });

      const { verdicts } = await deliver(
        { type, url: `${scheme}://${host}:9200`, env: both(proxy.url) },
        AbortSignal.timeout(200),
      );

      expect(failureOf(verdicts[0]).kind).toBe('timeout');
    },
  );

  it('says at start through which proxy it goes, without its password', async () => {
    const found = await findPump(type);
    if (found.outcome !== 'found') throw new Error('not found');
    const raw = pumps[type]?.(`https://${host}/path`);
    const source = { raw, source: 'pump.conf', key: 'pumps.X.meta', envPrefix: '' };

    const good = found.pump.prepare({ ...source, env: both(`http://${login}@p:3128`) });
    const bad = found.pump.prepare({ ...source, env: both(`socks5://${login}@p:1080`) });

    expect(good.notes).toContainEqual({
      ...{ source: 'environment', key: 'HTTPS_PROXY' },
      text: `pumps.X sends to https://${host} through the proxy http://p:3128`,
    });
    expect(good.secrets).toContain(password);
    expect(bad.pump).toBeUndefined();
    expect(bad.problems).toContainEqual(
      expect.objectContaining({ source: 'environment', key: 'HTTPS_PROXY', severity: 'error' }),
    );
    expect(JSON.stringify([good.notes, bad.problems])).not.toMatch(/p4ss/);
  });
});
