import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { forwardTo, listen, RawClient, startRelay, upstreamAt } from './relay.testing.ts';

/** A WebSocket server as RFC 6455 has its handshake; what follows is echoed, byte by byte. */
async function startWebSocketEcho() {
  const sockets = new Set<Duplex>();
  const server = createServer((_, response) => response.end('plain'));
  server.on('upgrade', (request, socket, first) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    if (request.url === '/refused') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
      return;
    }
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\nhello`,
    );
    socket.write(first);
    socket.pipe(socket);
  });
  const port = await listen(server);
  return {
    port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

const handshake = (target: string): string =>
  `GET ${target} HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;

test('a WebSocket passes both ways, half-open as well, and is one exchange that counts its bytes', async () => {
  const echo = await startWebSocketEcho();
  const relay = await startRelay({ decide: forwardTo(upstreamAt(echo.port)) });
  const client = new RawClient(relay.port);
  client.send(`${handshake('/chat')}early`);
  expect(await client.until('helloearly')).toBe(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhelloearly',
  );
  client.send('more');
  await client.until('more');
  client.socket.end('last');
  expect(await client.ended()).toMatch(/helloearlymorelast$/);
  const exchange = await relay.exchange();
  expect(exchange).toMatchObject({
    error: undefined,
    request: { target: '/chat', body: { length: 13 } },
    response: { status: 101, body: { length: 18 } },
  });
  expect(relay.exchanges.length).toBe(1);
  await relay.stop();
  await echo.stop();
});

test('an upgrade that is refused is an answer like any other, and ends the connection', async () => {
  const echo = await startWebSocketEcho();
  const relay = await startRelay({ decide: forwardTo(upstreamAt(echo.port)) });
  const client = new RawClient(relay.port);
  client.send(`${handshake('/refused')}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
  expect(await client.ended()).toMatch(
    /^HTTP\/1\.1 403 Forbidden\r\n[^]*Connection: close\r\n\r\nno$/,
  );
  expect((await relay.exchange()).response?.status).toBe(403);
  await relay.stop();
  await echo.stop();
});

test('an upgrade to HTTP/2 is not offered: the request is answered as it is', async () => {
  const echo = await startWebSocketEcho();
  const relay = await startRelay({ decide: forwardTo(upstreamAt(echo.port)) });
  const client = new RawClient(relay.port);
  client.send(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
  );
  expect(await client.ended()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*plain/);
  await relay.stop();
  await echo.stop();
});

test('a relay that closes cuts its tunnels', async () => {
  const echo = await startWebSocketEcho();
  const relay = await startRelay({ decide: forwardTo(upstreamAt(echo.port)) });
  const client = new RawClient(relay.port);
  client.send(handshake('/chat'));
  await client.until('hello');
  await relay.stop();
  await client.ended();
  expect((await relay.exchange()).error?.kind).toBe('aborted');
  await echo.stop();
});

describe('a WebSocket over HTTP/2', () => {
  /** Extended CONNECT, as a browser sends it once the settings allow it. */
  async function open(port: number, target: string) {
    const session = connect(`http://127.0.0.1:${port}`);
    await once(session, 'remoteSettings');
    expect(session.remoteSettings.enableConnectProtocol).toBe(true);
    const stream = session.request({
      ...{ ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'http', ':path': target },
      ...{ ':authority': 'chat.example', 'sec-websocket-version': '13' },
    });
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    let said = '';
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    stream.on('error', () => undefined);
    return { session, stream, headers, said: () => said };
  }

  test('is a tunnel to an upgrade of HTTP/1.1, and one exchange that counts its bytes', async () => {
    const echo = await startWebSocketEcho();
    const relay = await startRelay({ decide: forwardTo(upstreamAt(echo.port)) });
    const { session, stream, headers, said } = await open(relay.port, '/chat');
    expect(headers[':status']).toBe(200);
    expect(headers['sec-websocket-accept']).toBeUndefined();
    expect(headers['connection']).toBeUndefined();
    stream.write('ping');
    await expect.poll(said).toBe('helloping');
    // Other calls go on beside it.
    const other = session.request({ ':path': '/x', ':authority': 'chat.example' });
    const [beside] = (await once(other, 'response')) as [IncomingHttpHeaders];
    expect(beside[':status']).toBe(200);
    other.resume();
    stream.end('last');
    await once(stream, 'close');
    expect(said()).toBe('hellopinglast');
    const exchanges = await expect
      .poll(() => relay.exchanges.find(({ request }) => request.target === '/chat'))
      .toBeDefined()
      .then(() => relay.exchanges.filter(({ request }) => request.target === '/chat'));
    expect(exchanges).toMatchObject([
      {
        request: { method: 'GET', httpVersion: '2.0', body: { length: 8 } },
        response: { status: 101, body: { length: 13 } },
        error: undefined,
      },
    ]);
    session.close();
    await relay.stop();
    await echo.stop();
  });

  test('that is refused is answered as any request', async () => {
    const echo = await startWebSocketEcho();
    const relay = await startRelay({ decide: forwardTo(upstreamAt(echo.port)) });
    const { session, stream, headers, said } = await open(relay.port, '/refused');
    expect(headers[':status']).toBe(403);
    await once(stream, 'end');
    expect(said()).toBe('no');
    session.destroy();
    await relay.stop();
    await echo.stop();
  });

  test('that the client resets breaks the connection to the upstream', async () => {
    const echo = await startWebSocketEcho();
    const relay = await startRelay({ decide: forwardTo(upstreamAt(echo.port)) });
    const { session, stream, said } = await open(relay.port, '/chat');
    await expect.poll(said).toBe('hello');
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await relay.exchange()).toMatchObject({ error: { kind: 'reset' } });
    session.destroy();
    await relay.stop();
    await echo.stop();
  });

  test('is all that CONNECT is served for', async () => {
    const relay = await startRelay({ decide: forwardTo(upstreamAt(1)) });
    const session = connect(`http://127.0.0.1:${relay.port}`);
    await once(session, 'remoteSettings');
    for (const more of [{}, { ':protocol': 'other', ':scheme': 'http', ':path': '/' }]) {
      const stream = session.request({ ':method': 'CONNECT', ':authority': 'a:1', ...more });
      const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
      expect(headers[':status']).toBe(405);
      stream.destroy();
    }
    session.destroy();
    await relay.stop();
  });
});
