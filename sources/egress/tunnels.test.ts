import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../../test/services/certificates.ts';
import { listen, startOrigin, startRawOrigin } from '../shared/relay/relay.testing.ts';
import { allOf, closeTunnels, startEntry, startTlsOrigin, tunnel } from './egress.testing.ts';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates({ names: ['api.example.com', 'other.example'] });
});

const stops: (() => Promise<void>)[] = [];
const kept = <T extends { stop(): Promise<void> }>(started: T): T => {
  stops.push(() => started.stop());
  return started;
};
afterEach(async () => {
  closeTunnels();
  for (const stop of stops.splice(0).reverse()) await stop();
});

const tlsOrigin = async () =>
  kept(
    await startTlsOrigin({ key: certificates.key, cert: certificates.cert }, (request, response) =>
      response.end(`hello ${request.headers.host}`),
    ),
  );

const echo = async () => kept(await startRawOrigin((socket) => socket.pipe(socket)));

/** A port that the system gave away a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

const rules = (protocol: string, port: number, targetPort: number): string => `
entries:
- name: api
  hosts: [api.example.com]
  ports: [{number: ${port}, protocol: ${protocol}, targetPort: ${targetPort}}]
  addresses: [127.0.0.0/8]
`;

async function secure(socket: Socket, servername: string | undefined): Promise<TLSSocket> {
  const options: ConnectionOptions = {
    socket,
    ca: certificates.ca,
    checkServerIdentity: () => undefined,
  };
  const tls = connectTls({ ...options, ...(servername === undefined ? {} : { servername }) });
  tls.on('error', () => undefined);
  await once(tls, 'secureConnect');
  return tls;
}

const get = async (tls: TLSSocket, host = 'api.example.com'): Promise<string> => {
  tls.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  const said = (await allOf(tls)).toString();
  tls.destroy();
  return said;
};

describe('CONNECT', () => {
  it('leads to TLS, which nobody looks into', async () => {
    const origin = await tlsOrigin();
    const entry = kept(await startEntry(rules('HTTPS', 443, origin.port)));
    const { status, socket } = await tunnel(entry.port, 'api.example.com:443');
    expect(status).toBe(200);
    expect(await get(await secure(socket, 'api.example.com'))).toContain('hello api.example.com');
    const exchange = await entry.exchange();
    expect(exchange).toMatchObject({
      ...{
        isOpaque: true,
        scheme: 'https',
        tls: { serverName: 'api.example.com' },
        error: undefined,
      },
      request: { method: 'CONNECT', target: 'api.example.com:443' },
      ...{ call: { apiId: 'api' }, server: { address: '127.0.0.1', port: origin.port } },
    });
    expect(exchange.bytesOut).toBeGreaterThan(100);
    expect(entry.metrics.of('sluice_capture_requests_total', 'egress', 'out', '2xx')).toBe(1);
    expect(await entry.audited(1)).toMatchObject([
      {
        decision: 'allowed',
        by: 'connect',
        method: 'CONNECT',
        asked: 'api.example.com:443',
        entry: 'api',
      },
    ]);
  });

  it.each([
    ['another name', 'other.example', 'sni_mismatch'],
    ['no name', undefined, 'no_sni'],
  ])('does not lead to TLS that asks for %s: the origin sees no byte', async (_, name, reason) => {
    let bytes = 0;
    const origin = kept(
      await startRawOrigin((socket) =>
        socket.on('data', (chunk) => {
          bytes += chunk.length;
        }),
      ),
    );
    const entry = kept(await startEntry(rules('HTTPS', 443, origin.port)));
    const { status, socket } = await tunnel(entry.port, 'api.example.com:443');
    expect(status).toBe(200);
    await expect(secure(socket, name)).rejects.toThrow(/access.denied/i);
    expect(await entry.exchange()).toMatchObject({
      ...{ error: { kind: 'denied' }, call: { tags: [`cap-denied-${reason}`] } },
    });
    expect(entry.metrics.of('sluice_egress_denied_total', 'api', reason, 'connect')).toBe(1);
    expect(bytes).toBe(0);
  });

  it('does not lead to other bytes at a port of TLS', async () => {
    const origin = await echo();
    const entry = kept(await startEntry(rules('TLS', 443, origin.port)));
    const { socket } = await tunnel(entry.port, 'api.example.com:443');
    socket.write('GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(await entry.exchange()).toMatchObject({ call: { tags: ['cap-denied-protocol'] } });
  });

  it('leads to any bytes at a port of TCP, also where the server speaks first', async () => {
    const origin = kept(
      await startRawOrigin((socket) => {
        socket.write('220 ready\r\n');
        socket.pipe(socket);
      }),
    );
    const entry = kept(await startEntry(rules('TCP', 25, origin.port)));
    const { socket } = await tunnel(entry.port, 'api.example.com:25');
    socket.end('EHLO\r\n');
    expect((await allOf(socket)).toString()).toBe('220 ready\r\nEHLO\r\n');
    expect(await entry.exchange()).toMatchObject({ bytesIn: 6, bytesOut: 17, error: undefined });
  });

  it('leads to requests at a port of HTTP, each of which is judged and recorded', async () => {
    const origin = kept(await startOrigin((request, response) => response.end(request.url)));
    const entry = kept(await startEntry(rules('HTTP', 8080, origin.port)));
    const { socket } = await tunnel(entry.port, 'api.example.com:8080');
    socket.write('GET /1 HTTP/1.1\r\nHost: api.example.com:8080\r\n\r\n');
    await once(socket.resume(), 'data');
    socket.write('GET /2 HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n');
    expect((await allOf(socket)).toString()).toContain('403 Forbidden');
    expect(await entry.exchange(({ request }) => request.target === '/1')).toMatchObject({
      ...{ isOpaque: false, response: { status: 200 } },
    });
    expect(await entry.exchange(({ request }) => request.target === '/2')).toMatchObject({
      call: { tags: ['cap-denied-host_mismatch'] },
    });
  });

  it('does not lead to TLS at a port of HTTP', async () => {
    const entry = kept(await startEntry(rules('HTTP', 80, 1)));
    const { socket } = await tunnel(entry.port, 'api.example.com:80');
    await expect(secure(socket, 'api.example.com')).rejects.toThrow(/access.denied/i);
  });

  it.each([
    ['other.example:443', 403, 'host'],
    ['api.example.com:22', 403, 'port'],
    ['127.0.0.1:22', 403, 'port'],
    ['10.0.0.1:443', 403, 'host'],
    ['169.254.169.254:80', 403, 'host'],
    ['[::1]:443', 403, 'host'],
    ['2130706433:443', 400, 'malformed'],
    ['0x7f.0.0.1:443', 400, 'malformed'],
    ['127.1:443', 400, 'malformed'],
  ])('to %s: %i %s', async (target, status, reason) => {
    const entry = kept(await startEntry(rules('HTTPS', 443, 1)));
    const answer = await tunnel(entry.port, target);
    expect(answer.status).toBe(status);
    expect(answer.head + (await allOf(answer.socket)).toString()).toContain(`(${reason})`);
    expect((await entry.exchange()).call.tags).toEqual([`cap-denied-${reason}`]);
  });

  it('to somebody who cannot be reached is a 502', async () => {
    const entry = kept(await startEntry(rules('HTTPS', 443, await freePort())));
    const { status, socket } = await tunnel(entry.port, 'api.example.com:443');
    expect(status).toBe(502);
    expect((await allOf(socket)).toString()).toContain('nobody listens there');
    expect((await entry.exchange()).error).toMatchObject({ kind: 'refused' });
  });

  it('is cut when the source stops', async () => {
    const origin = await echo();
    const entry = await startEntry(rules('TCP', 25, origin.port));
    kept(entry);
    const { socket } = await tunnel(entry.port, 'api.example.com:25');
    socket.write('a');
    await once(socket.resume(), 'data');
    stops.pop();
    await entry.stop();
    await allOf(socket);
    expect(entry.exchanges).toHaveLength(1);
  });
});

describe('a tunnel whose other side has left before it is used', () => {
  it.each(['HTTPS', 'TCP'])('ends, is recorded, and holds nobody up: %s', async (protocol) => {
    const accepted: Socket[] = [];
    const origin = kept(await startRawOrigin((socket) => void accepted.push(socket)));
    const entry = kept(await startEntry(rules(protocol, 443, origin.port)));
    const { status, socket } = await tunnel(entry.port, 'api.example.com:443');
    expect(status).toBe(200);
    const hello = await clientHello('api.example.com');
    for (const each of accepted) each.resetAndDestroy();
    socket.resume().write(hello);
    const exchange = await entry.exchange();
    expect(exchange).toMatchObject({ error: { kind: 'reset' }, call: { apiId: 'api' } });
  });

  it('is not waited for by a stop', async () => {
    const origin = await echo();
    const entry = await startEntry(rules('HTTPS', 443, origin.port), {
      options: { ports: [{ listen: '127.0.0.1:0', port: 443 }] },
    });
    const silent = connect(entry.ports[0] ?? 0, '127.0.0.1');
    silent.on('error', () => undefined);
    const { socket } = await tunnel(entry.port, 'api.example.com:443');
    await entry.stop();
    await Promise.all([allOf(silent), allOf(socket).catch(() => undefined)]);
  });
});

it('no more connections are taken than may be', async () => {
  const origin = await echo();
  const entry = kept(
    await startEntry(rules('TCP', 5432, origin.port), {
      options: { max_connections: 1, ports: [{ listen: '127.0.0.1:0', port: 5432 }] },
    }),
  );
  const one = connect({ port: entry.ports[0] ?? 0, host: '127.0.0.1' });
  one.write('a');
  await once(one, 'data');
  const other = connect({ port: entry.ports[0] ?? 0, host: '127.0.0.1' });
  other.on('error', () => undefined);
  expect((await allOf(other)).toString()).toBe('');
  expect(entry.metrics.of('sluice_capture_refused_total', 'egress', 'out', 'connections')).toBe(1);
  one.destroy();
});

describe('a listener for a port', () => {
  const withPort = async (text: string, port: number, host?: string) =>
    kept(
      await startEntry(text, {
        options: {
          ports: [{ listen: '127.0.0.1:0', port, ...(host === undefined ? {} : { host }) }],
        },
      }),
    );

  it('passes TLS through by the name that it asks for, byte for byte', async () => {
    const said: Buffer[] = [];
    const origin = kept(
      await startRawOrigin((socket) => {
        socket.on('data', (chunk) => said.push(chunk));
        socket.end('anything\0\u0001');
      }),
    );
    const entry = await withPort(rules('TLS', 8443, origin.port), 8443);
    // The ClientHello of a real client, kept as it is on the wire.
    const hello = await clientHello('api.example.com');
    const socket = connect({ port: entry.ports[0] ?? 0, host: '127.0.0.1', allowHalfOpen: true });
    const [first, second] = [hello.subarray(0, 7), hello.subarray(7)];
    socket.write(first);
    await new Promise(setImmediate);
    socket.end(Buffer.concat([second, Buffer.from([1, 2, 3])]));
    expect((await allOf(socket)).toString()).toBe('anything\0\u0001');
    expect(Buffer.concat(said)).toEqual(Buffer.concat([hello, Buffer.from([1, 2, 3])]));
    expect(await entry.audited(1)).toMatchObject([{ by: 'tls', asked: 'api.example.com:8443' }]);
  });

  it('carries a whole conversation in TLS', async () => {
    const origin = await tlsOrigin();
    const entry = await withPort(rules('HTTPS', 443, origin.port), 443);
    const tls = await secure(connect(entry.ports[0] ?? 0, '127.0.0.1'), 'api.example.com');
    expect(tls.getPeerCertificate().subjectaltname).toContain('api.example.com');
    expect(await get(tls)).toContain('hello api.example.com');
  });

  it.each([
    ['other.example', 'host', ''],
    [undefined, 'no_sni', ''],
  ])('refuses TLS that asks for %s with an alert', async (name, reason, entryName) => {
    const origin = await tlsOrigin();
    const entry = await withPort(rules('HTTPS', 443, origin.port), 443);
    const socket = connect(entry.ports[0] ?? 0, '127.0.0.1');
    await expect(secure(socket, name)).rejects.toThrow(/access.denied/i);
    expect(entry.metrics.of('sluice_egress_denied_total', entryName, reason, 'tls')).toBe(1);
    expect(origin.asked).toEqual([]);
  });

  it('carries TCP to the one host that speaks it at the port', async () => {
    const origin = await echo();
    const entry = await withPort(rules('TCP', 5432, origin.port), 5432);
    const socket = connect({ port: entry.ports[0] ?? 0, host: '127.0.0.1', allowHalfOpen: true });
    socket.end('a\0b');
    expect((await allOf(socket)).toString()).toBe('a\0b');
    expect(await entry.exchange()).toMatchObject({
      ...{ scheme: 'tcp', isOpaque: true, bytesIn: 3, bytesOut: 3, call: { apiId: 'api' } },
      request: { target: 'api.example.com:5432' },
    });
  });

  it('carries TCP to its host, and resets what no entry has', async () => {
    const origin = await echo();
    const two = `${rules('TCP', 5432, origin.port)}- {hosts: [b.example], addresses: [127.0.0.1], ports: [{number: 5432, protocol: TCP}]}\n`;
    const good = await withPort(two, 5432, 'api.example.com');
    const socket = connect({ port: good.ports[0] ?? 0, host: '127.0.0.1', allowHalfOpen: true });
    socket.end('a');
    expect((await allOf(socket)).toString()).toBe('a');
    const bad = await withPort(two, 5432, 'c.example');
    const refused = connect(bad.ports[0] ?? 0, '127.0.0.1');
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(bad.metrics.of('sluice_egress_denied_total', '', 'host', 'tcp')).toBe(1);
  });

  it('resets bytes that say nothing of whom they are for', async () => {
    const entry = await withPort(rules('TLS', 8443, 1), 8443);
    const socket = connect(entry.ports[0] ?? 0, '127.0.0.1');
    socket.write('\0\0\0\0');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(await entry.exchange()).toMatchObject({ call: { tags: ['cap-denied-protocol'] } });
  });

  it('takes requests as the other listener does, for its port', async () => {
    const origin = kept(
      await startOrigin((request, response) => response.end(request.headers.host)),
    );
    const entry = await withPort(rules('HTTP', 8080, origin.port), 8080);
    const socket = connect(entry.ports[0] ?? 0, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n\r\n');
    expect((await allOf(socket)).toString()).toMatch(/200 OK[^]*api\.example\.com:8080$/);
  });
});

/** What a client of TLS begins with. */
async function clientHello(servername: string): Promise<Buffer> {
  const server = createServer();
  const port = await listen(server);
  const client = connectTls({ port, host: '127.0.0.1', servername });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  server.close();
  return hello;
}
