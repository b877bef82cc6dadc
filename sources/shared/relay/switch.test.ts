import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
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
