import { once } from 'node:events';
import { expect, test } from 'vitest';
import {
  forwardTo,
  RawClient,
  speak,
  startOrigin,
  startRawOrigin,
  startRelay,
  upstreamAt,
} from './relay.testing.ts';

test('a request goes to the upstream as it came, and its answer back, on connections that are used again', async () => {
  const seen: (readonly string[])[] = [];
  let connections = 0;
  const origin = await startOrigin((request, response) => {
    seen.push([`${request.method} ${request.url}`, ...request.rawHeaders]);
    response.sendDate = false;
    response.writeHead(200, 'Fine', ['X-Order', '1', 'x-order', '2', 'Content-Length', '5']);
    response.end('hello');
  });
  origin.server.on('connection', () => connections++);
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)) });
  const client = new RawClient(relay.port);
  client.send(
    'GET /a?b=%20c HTTP/1.1\r\nHost: shop.example\r\nX-CaSe: 1\r\naccept: */*\r\nX-CaSe: 2\r\n\r\n',
  );
  const first = await client.until('hello');
  client.send('GET /again HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n');
  await client.ended();

  expect(first).toBe(
    'HTTP/1.1 200 Fine\r\nX-Order: 1\r\nx-order: 2\r\nContent-Length: 5\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\nhello',
  );
  expect(seen).toEqual([
    [
      'GET /a?b=%20c',
      'Host',
      'shop.example',
      'X-CaSe',
      '1',
      'accept',
      '*/*',
      'X-CaSe',
      '2',
      'Connection',
      'keep-alive',
    ],
    ['GET /again', 'Host', 'shop.example', 'Connection', 'keep-alive'],
  ]);
  expect(connections).toBe(1);
  const exchange = await relay.exchange();
  expect(exchange).toMatchObject({
    source: 'test',
    direction: 'in',
    scheme: 'http',
    server: { address: '127.0.0.1', port: origin.port },
    request: {
      method: 'GET',
      target: '/a?b=%20c',
      host: 'shop.example',
      httpVersion: '1.1',
      body: { length: 0 },
    },
    response: { status: 200, reason: 'Fine', body: { length: 5 } },
    error: undefined,
  });
  expect(Buffer.from(exchange.response?.body.bytes ?? []).toString()).toBe('hello');
  expect(relay.metrics.of('sluice_capture_requests_total', 'test', 'in', '2xx')).toBe(2);
  await relay.stop();
  await origin.stop();
});

test('bodies stream both ways with their framing, and trailers', async () => {
  const origin = await startOrigin((request, response) => {
    response.writeHead(200, {
      Trailer: 'x-sum',
      'x-framing':
        request.headers['transfer-encoding'] ?? request.headers['content-length'] ?? 'none',
    });
    request.on('data', (chunk: Buffer) => response.write(chunk));
    request.on('end', () => {
      response.addTrailers({ 'x-sum': request.trailers['x-in'] ?? 'none' });
      response.end();
    });
  });
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)), bodyLimit: 4 });
  const client = new RawClient(relay.port);
  client.send(
    'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: x-in\r\n\r\n3\r\nabc\r\n',
  );
  await client.until('3\r\nabc\r\n');
  client.send('4\r\ndefg\r\n0\r\nX-In: 7\r\n\r\n');
  const said = await client.until('\r\n0\r\nx-sum: 7\r\n\r\n');
  client.send(
    'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nxyz',
  );
  const all = await client.ended();

  expect(said).toContain('x-framing: chunked\r\n');
  expect(all.slice(said.length)).toContain('x-framing: 3\r\n');
  const exchange = await relay.exchange();
  expect(exchange.request.body).toEqual({ bytes: Buffer.from('abcd'), length: 7 });
  expect(exchange.response?.body).toEqual({ bytes: Buffer.from('abcd'), length: 7 });
  await relay.stop();
  await origin.stop();
});

test('an answer that comes before the request has ended is handed on, and the connection lives', async () => {
  const origin = await startRawOrigin((socket) => {
    // Answers at once and never reads on: without care, the body's backpressure would hold everything up.
    socket.once('data', () => {
      socket.pause();
      socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno');
    });
  });
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)) });
  const client = new RawClient(relay.port);
  const size = 32 * 1024 * 1024;
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  for (let sent = 0; sent < size; sent += chunk.length)
    if (!client.socket.write(chunk)) await once(client.socket, 'drain');
  expect(await client.until('\r\n\r\nno')).toContain('413 Too Large');
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  expect(await client.ended()).toMatch(/413 Too Large[^]*413 Too Large/);
  await relay.stop();
  await origin.stop();
});

test('an upstream that breaks off in the middle of an answer leaves a cut one, never a clean end', async () => {
  const origin = await startRawOrigin((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', () =>
        socket.destroy(),
      );
    });
  });
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)) });
  const said = await speak(relay.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(said).toContain('hello');
  expect(said).not.toContain('\r\n0\r\n');
  expect((await relay.exchange()).error).toMatchObject({ kind: 'reset' });
  await relay.stop();
  await origin.stop();
});

test('a client that leaves takes its request from the upstream', async () => {
  let asked = (): void => undefined;
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  let left = (): void => undefined;
  const hasLeft = new Promise<void>((resolve) => {
    left = resolve;
  });
  const origin = await startRawOrigin((socket) => {
    socket.once('data', asked);
    socket.once('end', left);
  });
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)) });
  const client = new RawClient(relay.port);
  client.send('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
  await isAsked;
  client.socket.destroy();
  await hasLeft;
  expect(await relay.exchange()).toMatchObject({ error: { kind: 'aborted' }, response: undefined });
  await relay.stop();
  await origin.stop();
});
