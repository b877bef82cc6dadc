import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  forwardTo,
  RawClient,
  type RelayUnderTest,
  speak,
  startOrigin,
  startRawOrigin,
  startRelay,
  upstreamAt,
} from './relay.testing.ts';

/** What an origin says, byte by byte, to whatever it is asked; it ends the connection where the answer does. */
const answers = {
  head: 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n',
  none: 'HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n',
  'none, with a length': 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',
  unchanged: 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 99\r\n\r\n',
  empty: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  chunked: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  'until the end': 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc',
  'HTTP/1.0': 'HTTP/1.0 200 OK\r\n\r\nabc',
  hops: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: X-Hop, close\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nProxy-Authenticate: Basic\r\nX-End: 2\r\n\r\n',
  hints:
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'many cookies':
    'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSET-COOKIE: b=2\r\nContent-Length: 0\r\n\r\n',
} as const;
type Name = keyof typeof answers;

let relay: RelayUnderTest;
let origin: Awaited<ReturnType<typeof startRawOrigin>>;
beforeAll(async () => {
  origin = await startRawOrigin((socket) => {
    socket.on('data', (chunk: Buffer) => {
      const path = /^\w+ \/(\S*)/.exec(chunk.toString('latin1'))?.[1] ?? '';
      const answer = answers[decodeURIComponent(path) as Name];
      if (/Connection: (X-Hop, )?close|HTTP\/1\.0/.test(answer)) socket.end(answer);
      else socket.write(answer);
    });
  });
  relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)) });
});
afterAll(async () => {
  await relay.stop();
  await origin.stop();
});

const kept = 'Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n';

test.each<[string, Name, string, string]>([
  ['HEAD', 'head', '1.1', `HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n${kept}\r\n`],
  ['GET', 'none', '1.1', `HTTP/1.1 204 No Content\r\nX: 1\r\n${kept}\r\n`],
  ['GET', 'none, with a length', '1.1', `HTTP/1.1 204 No Content\r\n${kept}\r\n`],
  [
    'GET',
    'unchanged',
    '1.1',
    `HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 99\r\n${kept}\r\n`,
  ],
  ['GET', 'empty', '1.1', `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${kept}\r\n`],
  [
    'GET',
    'chunked',
    '1.1',
    `HTTP/1.1 200 OK\r\n${kept}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  ],
  ['GET', 'chunked', '1.0', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc'],
  [
    'GET',
    'until the end',
    '1.1',
    `HTTP/1.1 200 OK\r\n${kept}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  ],
  [
    'GET',
    'HTTP/1.0',
    '1.1',
    `HTTP/1.1 200 OK\r\n${kept}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  ],
  ['GET', 'hops', '1.1', `HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-End: 2\r\n${kept}\r\n`],
  [
    'GET',
    'hints',
    '1.1',
    `HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n${kept}\r\nok`,
  ],
  ['GET', 'hints', '1.0', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'],
  [
    'GET',
    'many cookies',
    '1.1',
    `HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSET-COOKIE: b=2\r\nContent-Length: 0\r\n${kept}\r\n`,
  ],
])('%s, answered with %s, for HTTP/%s', async (method, name, version, expected) => {
  const client = new RawClient(relay.port);
  client.send(`${method} /${encodeURIComponent(name)} HTTP/${version}\r\nHost: a\r\n\r\n`);
  // The next answer on the same connection begins where this one has ended.
  if (version === '1.1') client.send('GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const next =
    version === '1.1' ? 'HTTP/1.1 204 No Content\r\nX: 1\r\nConnection: close\r\n\r\n' : '';
  expect(await client.ended()).toBe(expected + next);
});

test.each<[string, string, string]>([
  [
    'a client that names headers of its connection',
    'GET /x HTTP/1.1\r\nHost: a\r\nConnection: X-Hop, Host, close\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nProxy-Authorization: Basic c2VjcmV0\r\nX-End: 1\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a\r\nX-End: 1\r\nConnection: keep-alive\r\n\r\n',
  ],
  [
    'a client that takes trailers',
    'GET /x HTTP/1.1\r\nHost: a\r\nTE: deflate, trailers\r\nConnection: TE, close\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE, keep-alive\r\n\r\n',
  ],
  [
    'a POST without a body',
    'POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n',
  ],
  [
    'a GET with a body',
    'GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi',
    'GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi',
  ],
  [
    'a client of HTTP/1.0 that names no host',
    'GET /x HTTP/1.0\r\nX: 1\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX: 1\r\nConnection: keep-alive\r\n\r\n',
  ],
  [
    'bytes above ASCII',
    'GET /x HTTP/1.1\r\nHost: a\r\nX: \u00e9\r\nConnection: close\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a\r\nX: \u00e9\r\nConnection: keep-alive\r\n\r\n',
  ],
])('what an upstream is sent for %s', async (_, request, expected) => {
  let seen = '';
  const raw = await startRawOrigin((socket) => {
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      socket.write('HTTP/1.1 204 No Content\r\n\r\n');
    });
  });
  const own = await startRelay({ decide: forwardTo(upstreamAt(raw.port)) });
  await speak(own.port, Buffer.from(request, 'latin1'));
  expect(seen).toBe(expected.replace('PORT', String(raw.port)));
  await own.stop();
  await raw.stop();
});

test('a 100 is the upstream’s, and the body waits for it', async () => {
  const seen: string[] = [];
  const raw = await startOrigin(() => undefined);
  raw.server.on('checkContinue', (request, response) => {
    seen.push('asked');
    request.on('data', () => seen.push('body'));
    setTimeout(() => {
      seen.push('continue');
      response.writeContinue();
      request.on('end', () => response.end('done'));
    }, 50);
  });
  const own = await startRelay({ decide: forwardTo(upstreamAt(raw.port)) });
  const client = new RawClient(own.port);
  client.send(
    'PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
  );
  expect(await client.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  client.send('body');
  expect(await client.ended()).toMatch(/200 OK[^]*done/);
  expect(seen).toEqual(['asked', 'continue', 'body']);
  await own.stop();
  await raw.stop();
});

test('an upstream that refuses before a 100 gets no body, and the connection ends', async () => {
  const raw = await startOrigin(() => undefined);
  raw.server.on('checkContinue', (_, response) => {
    response.writeHead(401, { 'Content-Length': '0' }).end();
  });
  const own = await startRelay({ decide: forwardTo(upstreamAt(raw.port)) });
  const said = await speak(
    own.port,
    'PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n',
  );
  expect(said).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n[^]*Connection: close\r\n/);
  expect((await own.exchange()).request.body.length).toBe(0);
  await own.stop();
  await raw.stop();
});

test('a head above the bound is a 431, an answer’s a 502, and both are counted', async () => {
  const raw = await startRawOrigin((socket) => {
    socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(80_000)}\r\n\r\n`));
  });
  const own = await startRelay({ decide: forwardTo(upstreamAt(raw.port)) });
  const said = await speak(
    own.port,
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(1024 * 1024)}\r\n\r\n`,
  );
  expect(said).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\nConnection: close\r\n/);
  expect(own.metrics.of('sluice_capture_refused_total', 'test', 'in', 'header_size')).toBe(1);
  expect(await speak(own.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 502 Bad Gateway\r\n[^]*The head of the answer of the upstream 127\.0\.0\.1:\d+ is too large\.\n$/,
  );
  expect((await own.exchange()).error?.kind).toBe('protocol');
  await own.stop();
  await raw.stop();
});

test('three thousand headers all arrive', async () => {
  let count = 0;
  const raw = await startRawOrigin((socket) => {
    let seen = '';
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      if (!seen.endsWith('\r\n\r\n')) return;
      count = seen.split('\r\nx: ').length - 1;
      socket.write(`HTTP/1.1 200 OK\r\n${'y: 1\r\n'.repeat(3000)}Content-Length: 0\r\n\r\n`);
    });
  });
  const own = await startRelay({ decide: forwardTo(upstreamAt(raw.port)) });
  const said = await speak(
    own.port,
    `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${'x: 1\r\n'.repeat(3000)}\r\n`,
  );
  expect(count).toBe(3000);
  expect(said.split('\r\ny: 1').length - 1).toBe(3000);
  await own.stop();
  await raw.stop();
});
