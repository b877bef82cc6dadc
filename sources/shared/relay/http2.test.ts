import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
} from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { expect, test } from 'vitest';
import { makeCertificates } from '../../../test/services/certificates.ts';
import {
  forwardTo,
  listen,
  RawClient,
  startOrigin,
  startRelay,
  upstreamAt,
} from './relay.testing.ts';

interface Said {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders | undefined;
}

/** One request; `chunks` are its body, each sent when the one before has been answered. */
async function ask(
  session: ClientHttp2Session,
  headers: Record<string, string | string[]>,
  body?: { readonly chunks: readonly string[]; readonly trailers?: Record<string, string> },
): Promise<Said> {
  const stream = session.request(headers, {
    endStream: body === undefined,
    waitForTrailers: body?.trailers !== undefined,
  });
  stream.once('wantTrailers', () => stream.sendTrailers(body?.trailers ?? {}));
  let text = '';
  let trailers: IncomingHttpHeaders | undefined;
  stream.on('trailers', (seen: IncomingHttpHeaders) => {
    trailers = seen;
  });
  const answered = once(stream, 'response') as Promise<[IncomingHttpHeaders]>;
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = once(stream, 'close');
  for (const chunk of body?.chunks ?? []) {
    stream.write(chunk);
    while (!text.includes(chunk)) await once(stream, 'data');
  }
  if (body !== undefined) stream.end();
  const [seen] = await answered;
  await ended;
  return { headers: seen, body: text, trailers };
}

/** Answers each chunk with itself, as a call of gRPC that streams both ways does, and ends with a status in trailers. */
async function startEcho() {
  const server = createServer();
  const seen: IncomingHttpHeaders[] = [];
  server.on('stream', (stream, headers) => {
    seen.push(headers);
    stream.on('error', () => undefined);
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () =>
      stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': 'fine' }),
    );
    stream.pipe(stream);
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  return {
    port: await listen(server),
    seen,
    async stop() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test('gRPC passes over HTTP/2 without TLS on both sides: bodies both ways at a time, trailers, te', async () => {
  const origin = await startEcho();
  const relay = await startRelay({
    decide: forwardTo(upstreamAt(origin.port, { http2: 'prior-knowledge' })),
  });
  const session = connect(`http://127.0.0.1:${relay.port}`);
  const said = await ask(
    session,
    { ':method': 'POST', ':path': '/pkg.Service/Talk', te: 'trailers', cookie: ['a=1', 'b=2'] },
    { chunks: ['one', 'two'], trailers: { 'x-end': '1' } },
  );
  const again = await ask(session, { ':method': 'POST', ':path': '/again' }, { chunks: ['x'] });

  expect(said).toMatchObject({
    headers: { ':status': 200, 'content-type': 'application/grpc' },
    body: 'onetwo',
    trailers: { 'grpc-status': '0', 'grpc-message': 'fine' },
  });
  expect(again.body).toBe('x');
  expect(origin.seen[0]).toMatchObject({
    ':path': '/pkg.Service/Talk',
    ':authority': `127.0.0.1:${relay.port}`,
    te: 'trailers',
    cookie: 'a=1; b=2',
  });
  const exchange = await relay.exchange();
  expect(exchange).toMatchObject({
    error: undefined,
    request: { httpVersion: '2.0', method: 'POST', body: { length: 6 } },
    response: { status: 200, httpVersion: '2.0', body: { length: 6 } },
  });
  session.close();
  await relay.stop();
  await origin.stop();
});

test('a client of HTTP/2 reaches an upstream of HTTP/1.1, and one of HTTP/1.1 an upstream of HTTP/2', async () => {
  const plain = await startOrigin((request, response) => {
    response.writeHead(201, { 'X-Seen': `${request.httpVersion} ${request.headers.host}` });
    request.pipe(response);
  });
  const echo = await startEcho();
  const relay = await startRelay({
    decide: (head) =>
      forwardTo(
        head.target === '/plain'
          ? upstreamAt(plain.port)
          : upstreamAt(echo.port, { http2: 'prior-knowledge' }),
      )(head),
  });
  const session = connect(`http://127.0.0.1:${relay.port}`);
  const said = await ask(
    session,
    { ':method': 'PUT', ':path': '/plain', ':authority': 'shop.example' },
    { chunks: ['hello'] },
  );
  expect(said).toMatchObject({
    headers: { ':status': 201, 'x-seen': '1.1 shop.example' },
    body: 'hello',
  });

  const client = new RawClient(relay.port);
  client.send(
    'POST /echo HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello',
  );
  const text = await client.ended();
  expect(text).toContain('HTTP/1.1 200 OK\r\n');
  expect(text).toContain('5\r\nhello\r\n0\r\ngrpc-status: 0\r\ngrpc-message: fine\r\n\r\n');
  session.close();
  await relay.stop();
  await plain.stop();
  await echo.stop();
});

test.each(['h2', 'http/1.1'] as const)(
  'over TLS the upstream says that it speaks %s',
  async (speaks) => {
    const { cert, key, ca } = await makeCertificates();
    const handle = (
      request: { httpVersion: string; url?: string | undefined },
      response: { end(text: string): void },
    ) => response.end(`${request.httpVersion} ${request.url}`);
    const server =
      speaks === 'h2'
        ? createSecureServer({ cert, key }, handle)
        : createHttps({ cert, key }, handle);
    const port = await listen(server);
    const relay = await startRelay({
      decide: forwardTo(
        upstreamAt(port, { protocol: 'https:', host: 'localhost', http2: 'alpn', tls: { ca } }),
      ),
    });
    const client = new RawClient(relay.port);
    client.send('GET /one HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until('/one');
    client.send('GET /two HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const said = await client.ended();
    const version = speaks === 'h2' ? '2.0' : '1.1';
    expect(said).toContain(`${version} /one`);
    expect(said).toContain(`${version} /two`);
    expect((await relay.exchange(1)).response?.httpVersion).toBe(version);
    await relay.stop();
    server.close();
  },
);

test('a stream that the client resets is taken from the upstream, and the connection lives', async () => {
  let left = (): void => undefined;
  const hasLeft = new Promise<void>((resolve) => {
    left = resolve;
  });
  const origin = await startOrigin((request, response) => {
    if (request.url === '/fine') response.end('fine');
    else response.once('close', left);
  });
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)) });
  const session = connect(`http://127.0.0.1:${relay.port}`);
  const stream = session.request({ ':path': '/slow' });
  stream.on('error', () => undefined);
  await once(origin.server, 'request');
  stream.close(8);
  await hasLeft;
  expect((await relay.exchange()).error).toMatchObject({ kind: 'aborted' });
  expect((await ask(session, { ':path': '/fine' })).body).toBe('fine');
  session.close();
  await relay.stop();
  await origin.stop();
});
