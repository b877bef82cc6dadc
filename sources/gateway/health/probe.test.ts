import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#source';
import { makeCertificates } from '../../../test/services/certificates.ts';
import type { Upstream } from '../../shared/relay/decision.ts';
import { type HttpProbe, placeOf, statusesOf, type TcpProbe } from './check.ts';
import { look } from './probe.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function listen(server: Server, at?: string): Promise<number> {
  server.listen(at ?? { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  ends.push(() => server.close());
  return at === undefined ? (server.address() as AddressInfo).port : 0;
}

const upstreamAt = (port: number, more: Partial<Upstream> = {}): Upstream => ({
  ...{ protocol: 'http:', host: '127.0.0.1', port, http2: 'never', connectTimeout: 1000, ...more },
});

const asking = (upstream: Upstream, more: Partial<HttpProbe> = {}): HttpProbe => ({
  ...{
    kind: 'http',
    upstream,
    method: 'GET',
    target: '/health',
    headers: ['Host', 'up'],
    body: '',
  },
  ...{ passes: [[200, 399]], ...more },
});

const seen = (probe: HttpProbe | TcpProbe, timeout = 2000) =>
  look(probe, { timeout, clock: systemClock });

describe('a look over HTTP', () => {
  it('asks for what it is told, and reads the status alone', async () => {
    const asked: unknown[] = [];
    const port = await listen(
      createServer((request, response) => {
        let body = '';
        request.on('data', (part) => (body += String(part)));
        request.on('end', () => {
          const { method, url, headers } = request;
          asked.push([method, url, headers.host, headers['x-key'], body]);
          // A body without an end is not waited for.
          response.writeHead(Number(url?.slice(1)) || 200).write('…');
        });
      }),
    );
    const whole = asking(upstreamAt(port), {
      ...{ method: 'POST', headers: ['Host', 'up', 'X-Key', 'k'], body: 'e30=' },
    });
    expect(await seen(whole)).toMatchObject({ status: 200, failure: undefined });
    expect(asked).toEqual([['POST', '/health', 'up', 'k', '{}']]);
    expect(await seen(asking(upstreamAt(port), { target: '/302' }))).toMatchObject({ status: 302 });
    expect(await seen(asking(upstreamAt(port), { target: '/503' }))).toMatchObject({
      ...{ status: 503, failure: 'it answered with 503' },
    });
    expect(asked).toHaveLength(3);
  });

  it('gives up in time, whether a server is slow to answer or nobody is there', async () => {
    const slow = await listen(createServer(() => undefined));
    const sight = await seen(asking(upstreamAt(slow)), 50);
    expect(sight).toMatchObject({ status: undefined, failure: 'it did not answer within 0.05 s' });
    expect(sight.took).toBeGreaterThanOrEqual(49);
    const { failure } = await seen(asking(upstreamAt(1)));
    expect(failure).toMatch(/refuses connections: nothing listens there/);
  });

  it('speaks TLS and verifies, HTTP/2 without TLS, and over a Unix socket', async () => {
    const { cert, key, ca } = await makeCertificates();
    const tls = await listen(createHttps({ cert, key }, (_, response) => response.end()));
    const at = (more: Partial<Upstream>) =>
      seen(asking(upstreamAt(tls, { protocol: 'https:', host: 'localhost', ...more })));
    expect(await at({ tls: { ca } })).toMatchObject({ status: 200 });
    expect((await at({})).failure).toMatch(/signed by no authority that is trusted here/);

    const h2 = createHttp2((request, response) => {
      response.writeHead(request.url === '/health' && request.authority === 'up' ? 200 : 404).end();
    });
    const port = await listen(h2);
    expect(await seen(asking(upstreamAt(port, { http2: 'prior-knowledge' })))).toMatchObject({
      ...{ status: 200, failure: undefined },
    });

    const folder = await mkdtemp(path.join(tmpdir(), 'probe-'));
    ends.push(() => rm(folder, { recursive: true }));
    const socketPath = path.join(folder, 'app.sock');
    await listen(
      createServer((_, response) => response.end()),
      socketPath,
    );
    expect(await seen(asking(upstreamAt(0, { socketPath })))).toMatchObject({ status: 200 });
  });
});

describe('a look over TCP', () => {
  const talking = (port: number, ...commands: TcpProbe['commands']): TcpProbe => ({
    ...{ kind: 'tcp', upstream: upstreamAt(port), commands },
  });

  it('connects, and says and hears what it is told', async () => {
    const port = await listen(
      createTcp((socket) => {
        socket.write('220 hel');
        socket.on('error', () => undefined);
        socket.on('data', (said) => socket.write(`lo\r\n${String(said).toUpperCase()}`));
      }),
    );
    expect(await seen(talking(port))).toMatchObject({ status: 200, failure: undefined });
    const greeting = [
      { does: 'expect', text: '220' },
      { does: 'send', text: 'ping' },
      { does: 'expect', text: ' hello\r\nPING' },
    ] as const;
    expect(await seen(talking(port, ...greeting))).toMatchObject({ status: 200 });
    expect(await seen(talking(port, { does: 'expect', text: '250' }))).toMatchObject({
      ...{ status: undefined, failure: 'it did not say what was expected' },
    });
    expect(await seen(talking(port, { does: 'expect', text: '220 hello' }), 100)).toMatchObject({
      ...{ status: undefined, failure: 'it did not answer within 0.1 s' },
    });
  });
});

it.each([
  ['200', [[200, 200]]],
  ['200-399', [[200, 399]]],
  [
    '200, 204,500-599',
    [
      [200, 200],
      [204, 204],
      [500, 599],
    ],
  ],
  ['', undefined],
  ['2xx', undefined],
  ['399-200', undefined],
  ['99', undefined],
])('statuses %j', (text, ranges) => expect(statusesOf(text)).toEqual(ranges));

it('a place is the same however its name is written', () =>
  expect(placeOf(upstreamAt(80, { host: 'A.example' }))).toBe('a.example:80'));
