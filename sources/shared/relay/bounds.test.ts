import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { expect, test } from 'vitest';
import { millis } from '#source';
import {
  forwardTo,
  RawClient,
  speak,
  startOrigin,
  startRawOrigin,
  startRelay,
  upstreamAt,
} from './relay.testing.ts';

const silentOrigin = () => startRawOrigin((socket) => socket.resume());

test('an upstream that does not begin to answer in time is a 504', async () => {
  const origin = await silentOrigin();
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port), { timeout: 100 }) });
  const said = await speak(relay.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(said).toMatch(
    /^HTTP\/1\.1 504 Gateway Timeout\r\n[^]*did not begin to answer within 0\.1 s\.\n$/,
  );
  expect((await relay.exchange()).error?.kind).toBe('timeout');
  expect(relay.metrics.of('sluice_capture_errors_total', 'test', 'in', 'timeout')).toBe(1);
  await relay.stop();
  await origin.stop();
});

test('an upstream that takes no connection in time is a 504, too', async () => {
  const relay = await startRelay({
    decide: forwardTo(
      upstreamAt(1, {
        connectTimeout: 50,
        resolve: () => new Promise((resolve) => setTimeout(() => resolve('127.0.0.1'), 100)),
      }),
    ),
  });
  const said = await speak(relay.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(said).toMatch(/504 Gateway Timeout\r\n[^]*could not be connected to within 0\.05 s\.\n$/);
  await relay.stop();
});

test('an upstream that stops in the middle of its answer is cut, and so is the answer', async () => {
  const origin = await startRawOrigin((socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'));
  });
  const relay = await startRelay({
    decide: forwardTo(upstreamAt(origin.port)),
    limits: { upstreamStall: millis(300) },
  });
  expect(await speak(relay.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(/half$/);
  expect((await relay.exchange()).error).toMatchObject({
    kind: 'timeout',
    words: 'the upstream neither took nor sent a byte for 0.3 s',
  });
  await relay.stop();
  await origin.stop();
});

test('a head that does not end is a 408', async () => {
  const origin = await silentOrigin();
  const relay = await startRelay({
    decide: forwardTo(upstreamAt(origin.port)),
    limits: { head: millis(300) },
  });
  const said = await speak(relay.port, 'GET / HTTP/1.1\r\nHost: a\r\nX: ');
  expect(said).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(relay.metrics.of('sluice_capture_refused_total', 'test', 'in', 'slow_head')).toBe(1);
  await relay.stop();
  await origin.stop();
});

test('a body that does not come is a 408, and the upstream is let go', async () => {
  const origin = await silentOrigin();
  const relay = await startRelay({
    decide: forwardTo(upstreamAt(origin.port)),
    limits: { clientStall: millis(300) },
  });
  const client = new RawClient(relay.port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf');
  expect(await client.until('in time.\n')).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect((await relay.exchange()).error?.kind).toBe('slow_client');
  client.socket.destroy();
  await relay.stop();
  await origin.stop();
});

test('a client that does not take its answer is cut', async () => {
  const origin = await startOrigin((_, response) => {
    response.on('error', () => undefined);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65536)));
      response.once('drain', more);
    };
    more();
  });
  const relay = await startRelay({
    decide: forwardTo(upstreamAt(origin.port)),
    limits: { clientStall: millis(500) },
  });
  const client = new RawClient(relay.port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  client.socket.pause();
  const exchange = await relay.exchange();
  expect(exchange.error?.kind).toBe('slow_client');
  expect(exchange.response?.body.bytes.length).toBe(1024);
  expect(exchange.response?.body.length).toBeGreaterThan(65536);
  // Backpressure reached the upstream: what nobody takes was not piled up here.
  expect(exchange.response?.body.length).toBeLessThan(64 * 1024 * 1024);
  client.socket.destroy();
  await relay.stop();
  await origin.stop();
});

test('connections above the bound are closed at once, and counted', async () => {
  const origin = await startOrigin((_, response) => response.end('ok'));
  const relay = await startRelay({
    decide: forwardTo(upstreamAt(origin.port)),
    limits: { connections: 1 },
  });
  const first = new RawClient(relay.port);
  first.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await first.until('ok');
  expect(await speak(relay.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe('');
  expect(relay.metrics.of('sluice_capture_refused_total', 'test', 'in', 'connections')).toBe(1);
  first.socket.destroy();
  await relay.stop();
  await origin.stop();
});

test('a connection ends with the last request that it may have', async () => {
  const origin = await startOrigin((_, response) => response.end('ok'));
  const relay = await startRelay({
    decide: forwardTo(upstreamAt(origin.port)),
    limits: { requestsPerConnection: 2 },
  });
  const client = new RawClient(relay.port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until('ok');
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(await client.ended()).toMatch(/Connection: keep-alive[^]*Connection: close\r\n/);
  await relay.stop();
  await origin.stop();
});

test('a relay that closes lets answers end, says so to their clients, and cuts what is left', async () => {
  const waiting: (() => void)[] = [];
  const origin = await startOrigin((request, response) => {
    if (request.url !== '/never') waiting.push(() => response.end('late'));
  });
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)) });
  const [idle, slow, never] = [1, 2, 3].map(() => new RawClient(relay.port)) as [
    RawClient,
    RawClient,
    RawClient,
  ];
  const session = connectHttp2(`http://127.0.0.1:${relay.port}`);
  session.on('error', () => undefined);
  const stream = session.request({ ':path': '/h2' });
  await once(origin.server, 'request');
  idle.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(origin.server, 'request');
  waiting.pop()?.();
  await idle.until('late');
  slow.send('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(origin.server, 'request');
  never.send('GET /never HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(origin.server, 'request');

  const deadline = new AbortController();
  const closed = relay.relay.close(deadline.signal);
  expect(await idle.ended()).toMatch(/late$/);
  let body = '';
  stream.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  for (const act of waiting) act();
  expect(await slow.ended()).toMatch(/Connection: close\r\n[^]*late$/);
  await once(session, 'close');
  expect(body).toBe('late');
  deadline.abort();
  await closed;
  expect(await never.ended()).toBe('');
  const ends = relay.exchanges.map(({ request, error }) => `${request.target} ${error?.kind}`);
  expect(ends.sort()).toEqual([
    '/ undefined',
    '/h2 undefined',
    '/never aborted',
    '/slow undefined',
  ]);
  await relay.stop();
  await origin.stop();
});
