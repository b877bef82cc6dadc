import { once } from 'node:events';
import {
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { expect, test } from 'vitest';
import { forwardTo, listen, RawClient, startRelay, upstreamAt } from './relay.testing.ts';

/** An origin that speaks HTTP/2 alone, and WebSockets by extended CONNECT where it says so; what follows is echoed. */
async function startOrigin({ enableConnectProtocol = true } = {}) {
  const streams: ServerHttp2Stream[] = [];
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer({ settings: { enableConnectProtocol } });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    streams.push(stream);
    asked.push(headers);
    if (headers[':method'] !== 'CONNECT') stream.respond({ ':status': 200 }, { endStream: true });
    else if (headers[':path'] === '/refused') {
      stream.respond({ ':status': 403 });
      stream.end('no');
    } else {
      stream.respond({ ':status': 200, 'sec-websocket-protocol': 'chat' });
      stream.write('hello');
      stream.pipe(stream);
    }
  });
  const port = await listen(server);
  return {
    ...{ streams, asked, upstream: upstreamAt(port, { http2: 'prior-knowledge' }) },
    async stop() {
      for (const { session } of streams) session?.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

const handshake = (target: string): string =>
  `GET ${target} HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;

test('a WebSocket passes to an upstream that speaks HTTP/2 alone, half-open as well', async () => {
  const origin = await startOrigin();
  const relay = await startRelay({ decide: forwardTo(origin.upstream) });
  const client = new RawClient(relay.port);
  client.send(`${handshake('/chat')}early`);
  expect((await client.until('helloearly')).replace(/date: .*\r\n/, '')).toBe(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nsec-websocket-protocol: chat\r\n\r\nhelloearly',
  );
  expect(origin.asked[0]).toMatchObject({
    ...{ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat' },
    ...{ ':authority': 'chat.example', 'sec-websocket-version': '13' },
  });
  for (const name of ['sec-websocket-key', 'upgrade', 'connection'])
    expect(origin.asked[0]?.[name]).toBeUndefined();
  client.socket.end('last');
  expect(await client.ended()).toMatch(/helloearlylast$/);
  expect(await relay.exchange()).toMatchObject({
    error: undefined,
    request: { method: 'GET', target: '/chat', httpVersion: '1.1', body: { length: 9 } },
    response: { status: 101, httpVersion: '2.0', body: { length: 14 } },
  });
  await relay.stop();
  await origin.stop();
});

test('so does one of a client that speaks HTTP/2', async () => {
  const origin = await startOrigin();
  const relay = await startRelay({ decide: forwardTo(origin.upstream) });
  const session = connect(`http://127.0.0.1:${relay.port}`);
  await once(session, 'remoteSettings');
  const stream = session.request({
    ...{ ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'http', ':path': '/chat' },
    ':authority': 'chat.example',
  });
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  expect(headers[':status']).toBe(200);
  expect(headers['sec-websocket-accept']).toBeUndefined();
  let said = '';
  stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  stream.end('last');
  await once(stream, 'close');
  expect(said).toBe('hellolast');
  expect((await relay.exchange()).response).toMatchObject({ status: 101, body: { length: 9 } });
  session.close();
  await relay.stop();
  await origin.stop();
});

test('one that the upstream refuses is answered so, and leaves no stream open', async () => {
  const origin = await startOrigin();
  const relay = await startRelay({ decide: forwardTo(origin.upstream) });
  const client = new RawClient(relay.port);
  client.send(handshake('/refused'));
  expect(await client.ended()).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[^]*no/);
  await expect.poll(() => origin.streams[0]?.closed).toBe(true);
  expect(origin.streams[0]?.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  await relay.stop();
  await origin.stop();
});

test('an upstream that has not said that it knows how is not asked', async () => {
  const origin = await startOrigin({ enableConnectProtocol: false });
  const relay = await startRelay({ decide: forwardTo(origin.upstream) });
  const client = new RawClient(relay.port);
  client.send(handshake('/chat'));
  expect(await client.ended()).toMatch(/^HTTP\/1\.1 502 /);
  expect((await relay.exchange()).error).toMatchObject({
    kind: 'protocol',
    words: expect.stringContaining('no other protocol in it') as string,
  });
  expect(origin.asked).toEqual([]);
  await relay.stop();
  await origin.stop();
});

test('whichever side breaks it, it is broken at the other', async () => {
  const origin = await startOrigin();
  const relay = await startRelay({ decide: forwardTo(origin.upstream) });
  const [first, second] = [new RawClient(relay.port), new RawClient(relay.port)];
  first.send(handshake('/chat'));
  await first.until('hello');
  origin.streams[0]?.close(constants.NGHTTP2_INTERNAL_ERROR);
  await first.ended();
  expect((await relay.exchange()).error?.kind).toBe('reset');
  second.send(handshake('/chat'));
  await second.until('hello');
  second.socket.resetAndDestroy();
  await expect.poll(() => origin.streams[1]?.rstCode).toBe(constants.NGHTTP2_CANCEL);
  await relay.stop();
  await origin.stop();
});
