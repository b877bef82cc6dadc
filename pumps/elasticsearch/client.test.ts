import { createServer as createPlainServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { aContext } from '#pump/testing';
import { makeCertificates } from '../../test/services/certificates.ts';
import { type Client, type ClientOptions, createClient, type Outcome } from './client.ts';
import type { Node } from './nodes.ts';

const signal = AbortSignal.timeout(10_000);
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

describe('an answer', () => {
  it.each([
    ['of success', 200, '{"a":1}', { a: 1 }],
    ['of refusal', 404, '{"error":{"type":"x"}}', { error: { type: 'x' } }],
    ['that is no JSON', 502, '<html>', undefined],
    ['that is empty', 503, '', undefined],
  ])('%s comes with its status and what it says', async (_, status, body, expected) => {
    const server = await aServer(() => ({ status, body, type: 'text/html' }));

    const outcome = await aClient(server).send({ method: 'GET', path: '/' }, signal);

    expect(outcome).toMatchObject({ ok: true, answer: { status, body: expected } });
  });

  it('says when to come again', async () => {
    const server = await aServer(() => ({ status: 429, headers: { 'retry-after': '7' } }));

    const outcome = await aClient(server).send({ method: 'GET', path: '/' }, signal);

    expect(outcome).toMatchObject({ ok: true, answer: { status: 429, retryAfter: 7_000 } });
  });

  it('that claims to be JSON and is none is a failure', async () => {
    const server = await aServer(() => ({
      status: 200,
      body: '{"items":[',
      type: 'application/json',
    }));

    const outcome = await aClient(server).send({ method: 'GET', path: '/' }, signal);

    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'unexpected' } });
  });

  it('that is small and would fill the memory is a failure', async () => {
    const server = await aServer(() => ({
      body: gzipSync(Buffer.alloc(64 * 1024 * 1024, ' ')),
      headers: { 'content-encoding': 'gzip' },
    }));

    const outcome = await aClient(server).send({ method: 'GET', path: '/' }, signal);

    expect(failureIn(outcome)).toMatchObject({ kind: 'unexpected' });
    expect(failureIn(outcome)?.message).toContain('more than 16 MiB');
  });

  it('that is compressed though nobody asked for it is read', async () => {
    const server = await aServer(() => ({
      body: gzipSync('{"a":1}'),
      headers: { 'content-encoding': 'gzip' },
    }));

    const outcome = await aClient(server).send({ method: 'GET', path: '/' }, signal);

    expect(outcome).toMatchObject({ ok: true, answer: { body: { a: 1 } } });
  });

  it('that is cut off is a failure', async () => {
    const server = await aServer(() => ({
      status: 200,
      body: '{',
      headers: { 'content-length': '9' },
    }));

    const outcome = await aClient(server).send({ method: 'GET', path: '/' }, signal);

    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
  });
});

describe('a request', () => {
  const request = {
    method: 'POST',
    path: '/_bulk?a=b',
    body: Buffer.from('{}\n'),
    contentType: 'application/x-ndjson',
  } as const;

  it('goes out with types that every version takes', async () => {
    const server = await aServer();

    await aClient(server).send(request, signal);

    expect(server.seen).toMatchObject([
      {
        url: '/_bulk?a=b',
        body: '{}\n',
        headers: { 'content-type': 'application/x-ndjson', accept: 'application/json' },
      },
    ]);
  });

  it('is compressed where it is to be', async () => {
    const server = await aServer();

    await aClient(server, { isCompressed: true }).send(request, signal);

    expect(server.seen).toMatchObject([{ body: '{}\n', headers: { 'content-encoding': 'gzip' } }]);
  });

  it('goes below the path of the address, with its query', async () => {
    const server = await aServer();
    const url = new URL(`${server.url}behind/a/proxy`);

    url.search = '?tenant=t';

    await aClient({ ...server, node: { url, authorization: undefined } }).send(request, signal);

    expect(server.seen).toMatchObject([{ url: '/behind/a/proxy/_bulk?tenant=t&a=b' }]);
  });

  it('carries the authorization', async () => {
    const server = await aServer();
    const node = { url: new URL(server.url), authorization: 'ApiKey abc' };

    await aClient({ ...server, node }).send(request, signal);

    expect(server.seen).toMatchObject([{ headers: { authorization: 'ApiKey abc' } }]);
  });

  it('is sent once, whatever comes back', async () => {
    const server = await aServer(() => ({ status: 503 }));

    await aClient(server).send(request, signal);

    expect(server.seen).toHaveLength(1);
  });

  it('takes turns with the nodes', async () => {
    const [one, other] = [await aServer(), await aServer()];
    const client = aClient(one, { nodes: [one.node, other.node] });

    for (let sent = 0; sent < 4; sent++) await client.send(request, signal);

    expect([one.seen.length, other.seen.length]).toEqual([2, 2]);
  });

  it('to nobody is unreachable, and says where', async () => {
    const server = await aServer();
    await server.close();

    const outcome = await aClient(server).send(request, signal);

    expect(failureIn(outcome)).toMatchObject({ kind: 'unreachable' });
    expect(failureIn(outcome)?.message).toContain(new URL(server.url).origin);
  });

  it('ends with its signal', async () => {
    const server = await aServer(() => undefined);

    const outcome = await aClient(server).send(request, AbortSignal.timeout(20));

    expect(failureIn(outcome)).toMatchObject({ kind: 'timeout' });
  });
});

describe('sniffing', () => {
  const naming = (...servers: readonly TestServer[]) => ({
    status: 200,
    type: 'application/json',
    body: JSON.stringify({
      nodes: Object.fromEntries(
        servers.map(({ url }, at) => [
          `node${at}`,
          { http: { publish_address: new URL(url).host } },
        ]),
      ),
    }),
  });

  it('goes over to the nodes that are named, with the same authorization, and back', async () => {
    const inner = await aServer();
    const outer = await aServer(({ url }) => (url.startsWith('/_nodes') ? naming(inner) : {}));
    const client = aClient({ ...outer, node: { ...outer.node, authorization: 'Basic x' } });

    const isDone = await client.sniff(signal);
    await client.send({ method: 'GET', path: '/inner' }, signal);
    client.forgetSniffed();
    await client.send({ method: 'GET', path: '/outer' }, signal);

    expect(isDone).toBe(true);
    expect(inner.seen).toMatchObject([{ url: '/inner', headers: { authorization: 'Basic x' } }]);
    expect(outer.seen.map(({ url }) => url)).toEqual(['/_nodes/_all/http', '/outer']);
  });

  it.each([
    ['a page', { status: 200, body: '<html>', type: 'text/html' }],
    ['a refusal', { status: 403, body: '{}' }],
    ['no nodes', { status: 200, body: '{"nodes":{}}' }],
    ['nodes of another form', { status: 200, body: '{"nodes":{"a":{"http":{}}}}' }],
  ])('stays where it is when the answer is %s', async (_, answer) => {
    const server = await aServer(() => answer);
    const client = aClient(server);

    expect(await client.sniff(signal)).toBe(false);
    expect(await client.send({ method: 'GET', path: '/' }, signal)).toMatchObject({ ok: true });
  });
});

describe('TLS', async () => {
  const [ours, strangers] = await Promise.all([makeCertificates(), makeCertificates()]);
  const ping = { method: 'HEAD', path: '/' } as const;

  it.each([
    ['the right authority', { ca: ours.ca }, true],
    ['another authority', { ca: strangers.ca }, false],
    ['nothing said', undefined, false],
    ['any certificate accepted', { rejectUnauthorized: false }, true],
  ])('with %s', async (_, tls, isFine) => {
    const server = await aServer(undefined, createTlsServer({ cert: ours.cert, key: ours.key }));

    const outcome = await aClient(server, { tls }).send(ping, signal);

    expect(outcome.ok).toBe(isFine);
  });

  it.each([
    ['with a client certificate', { cert: ours.cert, key: ours.key }, true],
    ['without one', {}, false],
  ])('to a server that asks for one, %s', async (_, pair, isFine) => {
    const server = await aServer(
      undefined,
      createTlsServer({ ca: ours.ca, cert: ours.cert, key: ours.key, requestCert: true }),
    );

    const outcome = await aClient(server, { tls: { ca: ours.ca, ...pair } }).send(ping, signal);

    expect(outcome.ok).toBe(isFine);
  });
});

interface Seen {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Reply {
  readonly status?: number;
  readonly body?: string | Buffer;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface TestServer {
  readonly url: string;
  readonly node: Node;
  readonly seen: Seen[];
  close(): Promise<unknown>;
}

/** Answers with what `reply` says; not at all where that is undefined. */
async function aServer(
  reply: (seen: Seen) => Reply | undefined = () => ({}),
  server: Server = createPlainServer(),
): Promise<TestServer> {
  const seen: Seen[] = [];
  server.on('request', (request, response) => {
    void buffer(request).then((bytes) => {
      const isZip = request.headers['content-encoding'] === 'gzip';
      const body = (isZip ? gunzipSync(bytes) : bytes).toString();
      const one = { url: request.url ?? '', headers: request.headers, body };
      seen.push(one);
      const answer = reply(one);
      if (answer === undefined) return;
      const { status = 200, body: text = '{}', type = 'application/json', headers } = answer;
      response.writeHead(status, { 'content-type': type, ...headers });
      response.end(text);
      if (headers?.['content-length'] !== undefined) response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<unknown> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  cleanUps.push(close);
  const scheme = server.listenerCount('secureConnection') > 0 ? 'https' : 'http';
  const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, node: { url: new URL(url), authorization: undefined }, seen, close };
}

function aClient({ node }: TestServer, options: Partial<ClientOptions> = {}): Client {
  const client = createClient({
    nodes: [node],
    tls: undefined,
    isCompressed: false,
    context: aContext(),
    ...options,
  });
  cleanUps.unshift(() => client.close());
  return client;
}

const failureIn = (outcome: Outcome) => (outcome.ok ? undefined : outcome.failure);
