import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../../../../src/lib/fake-clock.testing.ts';
import { makeCertificates } from '../../../../test/services/certificates.ts';
import type { Upstream } from '../decision.ts';
import {
  forwardTo,
  listen,
  RawClient,
  speak,
  startOrigin,
  startRawOrigin,
  startRelay,
  upstreamAt,
} from '../relay.testing.ts';

const get = 'GET /x HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n';

/** Asks once through a relay; resolves to what the client got and what was recorded. */
async function askOnce(upstream: Upstream, request = get) {
  const relay = await startRelay({ decide: forwardTo(upstream) });
  const said = await speak(relay.port, request);
  const exchange = await relay.exchange();
  await relay.stop();
  return { said, exchange, relay };
}

test('a kept connection that the upstream has closed is no failure: what may be asked twice is asked again', async () => {
  let connections = 0;
  const requests: string[] = [];
  const origin = await startRawOrigin((socket) => {
    const number = ++connections;
    socket.on('data', (chunk: Buffer) => {
      requests.push(`${number}: ${chunk.toString('latin1').split(' ')[0]}`);
      // The first connection answers once, and breaks when it is asked again: as one that is closed at that moment.
      if (number === 1 && requests.length > 1) socket.resetAndDestroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)) });
  const client = new RawClient(relay.port);
  client.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until('ok');
  client.send('GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(await client.ended()).toMatch(/200 OK[^]*ok[^]*200 OK[^]*ok$/);
  expect(requests).toEqual(['1: GET', '1: GET', '2: GET']);
  expect(relay.metrics.of('sluice_capture_retries_total', 'test', 'in')).toBe(1);
  await relay.stop();
  await origin.stop();
});

test('a POST is never sent twice', async () => {
  const requests: string[] = [];
  const origin = await startRawOrigin((socket) => {
    socket.on('data', (chunk: Buffer) => {
      requests.push(chunk.toString('latin1').split(' ')[0] ?? '');
      if (requests.length > 1) socket.resetAndDestroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)) });
  const client = new RawClient(relay.port);
  client.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until('ok');
  client.send('POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  expect(await client.ended()).toContain('502 Bad Gateway');
  expect(requests).toEqual(['GET', 'POST']);
  await relay.stop();
  await origin.stop();
});

test('an upstream that speaks unasked is not taken for the answer to the next request', async () => {
  let connections = 0;
  const origin = await startRawOrigin((socket) => {
    connections += 1;
    socket.on('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'), 30);
    });
  });
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)) });
  expect(await speak(relay.port, get)).toContain('ok');
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  const said = await speak(relay.port, get);
  expect(said).not.toContain('evil');
  expect(connections).toBe(2);
  await relay.stop();
  await origin.stop();
});

test('a connection is given up before the upstream closes it, where that says when', async () => {
  let connections = 0;
  const origin = await startRawOrigin((socket) => {
    connections += 1;
    socket.on('data', () =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=3\r\n\r\nok'),
    );
  });
  const clock = new FakeClock();
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)), clock });
  const ask = async (): Promise<number> => {
    expect(await speak(relay.port, get)).toContain('ok');
    return connections;
  };
  expect([await ask(), await ask()]).toEqual([1, 1]);
  await clock.advance(1900);
  expect(await ask()).toBe(1);
  await clock.advance(2100);
  expect(await ask()).toBe(2);
  await relay.stop();
  await origin.stop();
});

test('further requests wait for a connection where there may be no more', async () => {
  let open = 0;
  let most = 0;
  const origin = await startOrigin((_, response) => {
    most = Math.max(most, ++open);
    setTimeout(() => {
      open -= 1;
      response.end('ok');
    }, 10);
  });
  const relay = await startRelay({
    decide: forwardTo(upstreamAt(origin.port)),
    limits: { upstreamConnections: 2 },
  });
  const said = await Promise.all(Array.from({ length: 9 }, () => speak(relay.port, get)));
  expect(said.every((text) => text.includes('200 OK'))).toBe(true);
  expect(most).toBe(2);
  await relay.stop();
  await origin.stop();
});

test('a Unix socket is an upstream like any other', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'relay-'));
  const socketPath = path.join(folder, 'app.sock');
  const server = createHttp((request, response) => response.end(`for ${request.headers.host}`));
  server.listen(socketPath);
  await once(server, 'listening');
  const { said } = await askOnce(upstreamAt(0, { socketPath }));
  expect(said).toContain('for shop.example');
  server.close();
  const { said: missing } = await askOnce(upstreamAt(0, { socketPath }));
  expect(missing).toContain(`The upstream ${socketPath} is not there: no such socket.`);
  await rm(folder, { recursive: true });
});

test('the certificate of an upstream is verified, and each failure says what it saw', async () => {
  const { cert, key, ca } = await makeCertificates();
  const server = createHttps({ cert, key }, (_, response) => response.end('secret'));
  const port = await listen(server);
  const plain = await startOrigin((_, response) => response.end('plain'));
  const at = (further: Partial<Upstream>) =>
    askOnce(upstreamAt(port, { protocol: 'https:', ...further }));

  const fine = await at({ host: 'localhost', tls: { ca } });
  expect(fine.said).toContain('secret');
  expect(fine.exchange.error).toBeUndefined();
  const byAddress = await at({ host: '127.0.0.1', tls: { ca } });
  expect(byAddress.said).toContain('secret');
  const untrusted = await at({ host: 'localhost' });
  expect(untrusted.said).toMatch(/502 Bad Gateway[^]*signed by no authority that is trusted here/);
  expect(untrusted.exchange).toMatchObject({ error: { kind: 'tls' }, response: { status: 502 } });
  const otherName = await at({ host: 'localhost', tls: { ca, servername: 'bank.example' } });
  expect(otherName.said).toMatch(/502[^]*its certificate is for another name/);
  const noTls = await at({ port: plain.port, host: 'localhost' });
  expect(noTls.said).toMatch(/502[^]*it speaks no TLS at this port/);
  // Node's server says nothing to who speaks plain HTTP; OpenSSL's does, with an alert, as most do.
  const alerting = await startRawOrigin((socket) => {
    socket.once('data', () => socket.end(Buffer.from([0x15, 3, 1, 0, 2, 2, 70])));
  });
  const tlsThere = await askOnce(upstreamAt(alerting.port));
  expect(tlsThere.said).toMatch(
    /502[^]*answers TLS to plain HTTP: its address should begin with https:\/\//,
  );
  expect(tlsThere.exchange.error?.kind).toBe('tls');
  server.close();
  server.closeAllConnections();
  await plain.stop();
  await alerting.stop();
});

test('another proxy is asked for the way, and its refusal is told', async () => {
  const { cert, key, ca } = await makeCertificates();
  const server = createHttps({ cert, key }, (_, response) => response.end('behind the proxy'));
  const port = await listen(server);
  const asked: string[] = [];
  const proxy = createHttp();
  proxy.on('connect', (request, client, first) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
    if (request.headers['proxy-authorization'] !== 'Basic right') {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const way = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      way.write(first);
      way.pipe(client);
      client.pipe(way);
    });
    way.on('error', () => client.destroy());
    client.on('error', () => way.destroy());
  });
  const proxyPort = await listen(proxy);
  const via = (authorization: string) =>
    askOnce(
      upstreamAt(443, {
        ...{ protocol: 'https:', host: 'localhost', tls: { ca } },
        via: { host: '127.0.0.1', port: proxyPort, authorization },
      }),
    );
  expect((await via('Basic right')).said).toContain('behind the proxy');
  const wrong = await via('Basic wrong');
  expect(wrong.said).toMatch(/refuses localhost:443 with 407: it wants a user and a password/);
  expect(wrong.said).not.toContain('Basic');
  expect(asked).toEqual(['localhost:443 Basic right', 'localhost:443 Basic wrong']);
  proxy.close();
  server.close();
  server.closeAllConnections();
});

test('an address is the one that the source resolved, and what it refuses is denied', async () => {
  const origin = await startOrigin((request, response) =>
    response.end(`for ${request.headers.host}`),
  );
  const resolved = await askOnce(
    upstreamAt(origin.port, {
      host: 'no.such.name.example',
      resolve: () => Promise.resolve('127.0.0.1'),
    }),
  );
  expect(resolved.said).toContain('for shop.example');
  const denied = await askOnce(
    upstreamAt(origin.port, {
      resolve: () => Promise.reject(new Error('10.0.0.1 is a private address')),
    }),
  );
  expect(denied.said).toMatch(
    /403 Forbidden[^]*may not be connected to: 10\.0\.0\.1 is a private address/,
  );
  expect(denied.exchange.error?.kind).toBe('denied');
  await origin.stop();
});

test('nobody there, and not HTTP', async () => {
  const origin = await startRawOrigin((socket) => {
    socket.once('data', () => socket.end('220 mail.example ESMTP\r\n'));
  });
  const mail = await askOnce(upstreamAt(origin.port));
  expect(mail.exchange.error).toMatchObject({ kind: 'protocol' });
  expect(mail.said).toContain('does not answer in HTTP/1.1');
  await origin.stop();
  const nobody = await askOnce(upstreamAt(origin.port));
  expect(nobody.said).toContain(
    `The upstream 127.0.0.1:${origin.port} refuses connections: nothing listens there.`,
  );
  expect(nobody.exchange.error?.kind).toBe('refused');
});
