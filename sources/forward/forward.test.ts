import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request as requestTls } from 'node:https';
import { connect, createServer as createTcp, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { listen, startOrigin, startRawOrigin } from '../shared/relay/relay.testing.ts';
import {
  closeTunnels,
  type ForwardUnderTest,
  openTunnel,
  prepare,
  secure,
  startForward,
  startTlsOrigin,
  type TestAuthority,
  testAuthority,
} from './forward.testing.ts';

let ours: TestAuthority;
let theirs: TestAuthority;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  [ours, theirs] = await Promise.all([testAuthority(), testAuthority()]);
});

afterEach(async () => {
  closeTunnels();
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

afterAll(() => Promise.all([ours.remove(), theirs.remove()]));

const kept = <T extends { stop(): unknown }>(one: T): T => {
  cleanups.push(() => one.stop());
  return one;
};

const proxy = async (raw = {}, how = {}): Promise<ForwardUnderTest> =>
  kept(await startForward(raw, how));

const looking = (more = {}): object => ({
  mitm: true,
  ca_file: ours.file,
  origin_ca_file: theirs.certFile,
  ...more,
});

/** A request of absolute form, as clients with http_proxy send it. */
async function get(
  port: number,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  from = '127.0.0.1',
): Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }> {
  const host = /^[a-z]+:\/\/([^/]*)/.exec(url)?.[1] ?? 'none';
  const given = { Host: host, ...headers };
  const sent = request({ port, path: url, headers: given, localAddress: from, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    body: await text(response),
    headers: response.headers,
  };
}

/** A request through a tunnel with TLS. */
async function getTls(
  { port }: ForwardUnderTest,
  target: string,
  { ca = ours.pem, servername = 'localhost', path = '/', method = 'GET', body = '' } = {},
): Promise<{ status: number; body: string }> {
  const { socket } = await openTunnel(port, target);
  const tls = await secure(socket, {
    ca,
    servername,
  });
  cleanups.push(() => tls.destroy());
  const sent = requestTls({
    ...{ path, method, headers: { Host: target, 'Content-Length': body.length } },
    createConnection: () => tls,
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}

describe('requests of absolute form', () => {
  it('reach the origin as if the client had sent them, and nothing of ours is in them', async () => {
    const seen: { url: string | undefined; rawHeaders: string[] }[] = [];
    const origin = kept(
      await startOrigin(({ url, rawHeaders }, response) => {
        seen.push({ url, rawHeaders });
        response.end('hello');
      }),
    );
    const { port, exchange } = await proxy();
    const headers = {
      'X-Own': '1',
      'Proxy-Authorization': 'Basic eDp5',
      'Proxy-Connection': 'keep-alive',
      Connection: 'X-Drop',
      'X-Drop': '1',
    };
    const answer = await get(port, `http://127.0.0.1:${origin.port}/a?b=%20c`, headers);
    expect(answer).toMatchObject({ status: 200, body: 'hello' });
    expect(seen[0]?.url).toBe('/a?b=%20c');
    const names = seen[0]?.rawHeaders.filter((_, at) => at % 2 === 0).map((n) => n.toLowerCase());
    expect(names?.sort()).toEqual(['connection', 'host', 'x-own']);
    expect(seen[0]?.rawHeaders).toContain(`127.0.0.1:${origin.port}`);
    expect(Object.keys(answer.headers).filter((name) => /via|proxy|sluice/.test(name))).toEqual([]);
    const record = await exchange();
    expect(record).toMatchObject({
      ...{ source: 'forward', direction: 'out', scheme: 'http', isOpaque: false },
      request: { method: 'GET' },
      response: { status: 200 },
    });
    expect(JSON.stringify(record.request.rawHeaders)).not.toContain('eDp5');
  });

  it('are refused in words where they are no such requests', async () => {
    const { port } = await proxy();
    expect(await get(port, '/')).toMatchObject({
      status: 400,
      body: expect.stringContaining('This is a forward proxy') as string,
    });
    expect(await get(port, 'ftp://127.0.0.1/')).toMatchObject({ status: 400 });
    expect(await get(port, 'http://user@127.0.0.1/')).toMatchObject({ status: 400 });
    expect(await get(port, 'http://a:b:c/')).toMatchObject({ status: 400 });
  });

  it('may name an https URL, for which TLS is spoken', async () => {
    const origin = kept(await startTlsOrigin(theirs, (_, response) => response.end('secret')));
    const { port } = await proxy({ origin_ca_file: theirs.certFile });
    const answer = await get(port, `https://localhost:${origin.port}/`);
    expect(answer).toMatchObject({ status: 200, body: 'secret' });
  });
});

describe('who may use the proxy', () => {
  it('is decided by the client’s address', async () => {
    const origin = kept(await startOrigin((_, response) => response.end('hello')));
    const url = `http://127.0.0.1:${origin.port}/`;
    const { port, metrics, exchange } = await proxy({ allowed_client_cidrs: ['127.0.0.2/31'] });
    expect(await get(port, url, {}, '127.0.0.2')).toMatchObject({ status: 200 });
    expect(await get(port, url, {}, '127.0.0.3')).toMatchObject({ status: 200 });
    expect(await get(port, url, {}, '127.0.0.4')).toMatchObject({
      status: 403,
      body: 'IP access denied\n',
    });
    const { line } = await openTunnel(port, `127.0.0.1:${origin.port}`, { from: '127.0.0.1' });
    expect(line).toBe('HTTP/1.1 403 Forbidden');
    expect(metrics.of('datakit_input_proxy_reject_total', 'ip')).toBe(2);
    expect(await exchange(({ request: { method } }) => method === 'CONNECT')).toMatchObject({
      response: { status: 403 },
      error: { kind: 'denied', words: 'IP access denied' },
    });
  });

  it('is decided by a user’s password', async () => {
    const origin = kept(await startOrigin((_, response) => response.end('hello')));
    const [url, target] = [`http://127.0.0.1:${origin.port}/`, `127.0.0.1:${origin.port}`];
    const { port, log, exchanges } = await proxy({ users: { zoe: 'pä:ss' }, verbose: true });
    const of = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;
    const refused = await get(port, url);
    expect(refused.status).toBe(407);
    expect(refused.headers['proxy-authenticate']).toMatch(/^Basic realm=/);
    for (const [pair, status] of [
      ['zoe:pä:ss', 200],
      ['zoe:pä', 407],
      ['eve:pä:ss', 407],
      ['zoe', 407],
    ] as const)
      expect((await get(port, url, { 'Proxy-Authorization': of(pair) })).status).toBe(status);
    expect((await openTunnel(port, target)).line).toMatch(/ 407 /);
    const headers = `Proxy-Authorization: ${of('zoe:pä:ss')}\r\n`;
    const opened = await openTunnel(port, target, { headers });
    expect(opened.line).toBe('HTTP/1.1 200 Connection established');
    opened.socket.destroy();
    const all = log.text() + JSON.stringify(exchanges);
    expect(all).not.toContain(of('zoe:pä:ss').slice(6));
    expect(all).not.toContain('pä:ss');
  });
});

describe('which targets may be reached', () => {
  it('is none of the loopback where the proxy listens to more than that', async () => {
    const origin = kept(await startOrigin((_, response) => response.end('inner')));
    const { port, metrics } = await proxy({ private_targets: 'deny' });
    for (const host of ['127.0.0.1', 'localhost', '127.1', '[::ffff:127.0.0.1]', '0.0.0.0'])
      expect(await get(port, `http://${host}:${origin.port}/`), host).toMatchObject({
        status: 403,
      });
    expect((await openTunnel(port, `127.0.0.1:${origin.port}`)).line).toMatch(/ 403 /);
    expect((await openTunnel(port, `localhost:${origin.port}`)).line).toMatch(/ 403 /);
    expect(metrics.of('datakit_input_proxy_reject_total', 'private')).toBeGreaterThan(3);
  });

  it('is decided by the port of a CONNECT', async () => {
    const origin = kept(await startOrigin((_, response) => response.end('hello')));
    const { port } = await proxy({ connect_ports: [443] });
    const { line } = await openTunnel(port, `127.0.0.1:${origin.port}`);
    expect(line).toBe('HTTP/1.1 403 Forbidden');
    expect((await get(port, `http://127.0.0.1:${origin.port}/`)).status).toBe(200);
  });

  it('is never the proxy itself', async () => {
    const { port } = await proxy();
    expect((await openTunnel(port, `127.0.0.1:${port}`)).line).toBe('HTTP/1.1 508 Loop Detected');
    expect((await get(port, `http://127.0.0.1:${port}/`)).status).toBe(400);
  });

  it('is nothing that is no host and port', async () => {
    const { port } = await proxy();
    for (const target of ['example.com', 'example.com:0', 'example.com:99999', 'a/b:1', ':443'])
      expect((await openTunnel(port, target)).line, target).toMatch(/ 400 /);
  });
});

describe('an opaque tunnel', () => {
  it('passes TLS as it is, and its one record says what can be seen', async () => {
    const origin = kept(
      await startTlsOrigin(theirs, (_, response) => response.end('x'.repeat(50_000))),
    );
    const under = await proxy();
    const target = `localhost:${origin.port}`;
    const answer = await getTls(under, target, { ca: theirs.pem });
    expect(answer.body).toHaveLength(50_000);
    for (const clean of cleanups.splice(cleanups.length - 1)) await clean();
    const record = await under.exchange();
    expect(record).toMatchObject({
      ...{ isOpaque: true, scheme: 'https', error: undefined },
      tls: { serverName: 'localhost', version: 'TLSv1.3' },
      request: { method: 'CONNECT', target, host: target },
      response: { status: 200 },
      client: { address: '127.0.0.1' },
      server: { port: origin.port },
    });
    expect(record.bytesIn).toBeGreaterThan(300);
    expect(record.bytesOut).toBeGreaterThan(50_000);
    expect(under.exchanges).toHaveLength(1);
    expect(under.metrics.of('datakit_input_proxy_connect_total', '127.0.0.1')).toBe(1);
    expect(under.metrics.of('sluice_capture_tunnels_total', 'tls', 'ended')).toBe(1);
    expect([...under.metrics.totals.keys()].filter((key) => key.includes('_api_'))).toEqual([]);
  });

  it('passes bytes that come with the CONNECT, and protocols in which the server speaks first', async () => {
    const origin = kept(
      await startRawOrigin((socket) => {
        socket.write('220 ready\r\n');
        socket.once('data', (chunk) => socket.end(chunk));
      }),
    );
    const { port } = await proxy();
    const socket = connect(port, '127.0.0.1');
    socket.write(`CONNECT 127.0.0.1:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\nEHLO me\r\n`);
    expect(await text(socket)).toBe(
      'HTTP/1.1 200 Connection established\r\n\r\n220 ready\r\nEHLO me\r\n',
    );
  });

  it('tells of a target that cannot be reached, and of one that is not there', async () => {
    const closed: Server = createTcp();
    const port = await listen(closed);
    closed.close();
    const under = await proxy();
    expect((await openTunnel(under.port, `127.0.0.1:${port}`)).line).toMatch(/ 502 /);
    expect(await under.exchange()).toMatchObject({
      response: { status: 502 },
      error: { kind: 'refused' },
    });
  });

  it('tells once of a host to which plain HTTP is spoken', async () => {
    const origin = kept(await startOrigin((_, response) => response.end('hello')));
    const { port, log, metrics, exchange } = await proxy();
    for (let round = 0; round < 2; round++) {
      const { socket } = await openTunnel(port, `127.0.0.1:${origin.port}`);
      socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${origin.port}\r\nConnection: close\r\n\r\n`);
      expect(await text(socket)).toContain('hello');
    }
    await exchange(() => metrics.of('sluice_capture_tunnels_total', 'http', 'ended') === 2);
    expect(log.lines.filter(({ message }) => message.includes('plain HTTP'))).toHaveLength(1);
  });

  it('is cut when it is idle, and when the proxy stops', async () => {
    const origin = kept(await startRawOrigin(() => undefined));
    const idle = await proxy({ idle_timeout: '200ms' });
    const { socket } = await openTunnel(idle.port, `127.0.0.1:${origin.port}`);
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(await idle.exchange()).toMatchObject({ error: { kind: 'timeout' } });

    const stopping = await startForward();
    const open = await openTunnel(stopping.port, `127.0.0.1:${origin.port}`);
    open.socket.resume();
    await stopping.stop();
    expect(await stopping.exchange()).toMatchObject({ error: { kind: 'aborted' } });
  });

  it('goes through another proxy where there is one', async () => {
    const origin = kept(await startTlsOrigin(theirs, (_, response) => response.end('hello')));
    const outer = await proxy({ users: { zoe: 'p w' } });
    const inner = await proxy({ upstream_proxy: `http://zoe:p%20w@127.0.0.1:${outer.port}` });
    const target = `localhost:${origin.port}`;
    expect(await getTls(inner, target, { ca: theirs.pem })).toMatchObject({ body: 'hello' });
    const wrong = await proxy({ upstream_proxy: `http://zoe:wrong@127.0.0.1:${outer.port}` });
    expect((await openTunnel(wrong.port, target)).line).toMatch(/ 403 /);
    expect((await wrong.exchange()).error?.words).toContain('407');
    expect(JSON.stringify(wrong.exchanges) + wrong.log.text()).not.toContain('wrong');
  });

  it('goes past the other proxy to whom no_proxy names, with TLS and without', async () => {
    const origin = kept(await startTlsOrigin(theirs, (_, response) => response.end('hello')));
    const { port: plainPort } = kept(await startOrigin((_, response) => response.end('plain')));
    const gone = 'http://127.0.0.1:1';
    const direct = await proxy({
      ...{ upstream_proxy: gone, no_proxy: [`localhost:${origin.port}`, '127.0.0.0/8'] },
    });
    expect(await getTls(direct, `localhost:${origin.port}`, { ca: theirs.pem })).toMatchObject({
      body: 'hello',
    });
    expect((await openTunnel(direct.port, `127.0.0.1:${plainPort}`)).line).toMatch(/ 200 /);
    // The port is another one, so this goes through the proxy that is not there.
    expect((await openTunnel(direct.port, `localhost:${plainPort}`)).line).toMatch(/ 502 /);
  });
});

describe('a tunnel that is looked into', () => {
  it('shows each request, by the origin’s name and with its bodies, over kept connections', async () => {
    let connections = 0;
    const origin = kept(
      await startTlsOrigin(theirs, (req, response) => {
        if (req.socket !== (origin as { last?: unknown }).last) connections++;
        (origin as { last?: unknown }).last = req.socket;
        response.setHeader('X-Seen', req.headers['x-own'] ?? 'nothing');
        req.pipe(response);
      }),
    );
    const under = await proxy(looking({ path_templates: ['/v1/write/{category}'] }));
    const target = `localhost:${origin.port}`;
    const { socket } = await openTunnel(under.port, target);
    const tls = await secure(socket, { ca: ours.pem, servername: 'localhost' });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    Object.assign(agent, { createConnection: () => tls });
    for (const path of ['/v1/write/metric', '/v1/write/logging', '/other/12345']) {
      const sent = requestTls({
        agent,
        path,
        method: 'POST',
        headers: { Host: target, 'X-Own': '1' },
      });
      sent.end('the body');
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      expect(await text(response)).toBe('the body');
    }
    agent.destroy();
    expect(connections).toBe(1);
    expect(origin.asked).toEqual(['localhost']);
    expect(under.exchanges).toHaveLength(3);
    expect(under.exchanges[0]).toMatchObject({
      ...{ isOpaque: false, scheme: 'https', tls: { serverName: 'localhost' } },
      request: { method: 'POST', target: '/v1/write/metric', host: target },
      response: { status: 200 },
    });
    expect(Buffer.from(under.exchanges[0]?.response?.body.bytes ?? []).toString()).toBe('the body');
    const api = 'datakit_input_proxy_api_total';
    expect(under.metrics.of(api, '/v1/write/{category}', 'POST')).toBe(2);
    expect(under.metrics.of(api, '/other/{number}', 'POST')).toBe(1);
    const latency = 'datakit_input_proxy_api_latency_seconds';
    expect(under.metrics.of(`${latency}_count`, '/v1/write/{category}', 'POST', 'OK')).toBe(2);
  });

  it('speaks HTTP/2 to a client that can, whatever the origin speaks', async () => {
    const origin = kept(await startTlsOrigin(theirs, (req, response) => req.pipe(response)));
    const under = await proxy(looking());
    const { socket } = await openTunnel(under.port, `localhost:${origin.port}`);
    const tls = await secure(socket, {
      ca: ours.pem,
      servername: 'localhost',
      ALPNProtocols: ['h2'],
    });
    const session = connectHttp2(`https://localhost:${origin.port}`, {
      createConnection: () => tls,
    });
    const stream = session.request({ ':method': 'POST', ':path': '/v2' });
    stream.end('over two');
    expect(await text(stream)).toBe('over two');
    session.destroy();
    expect(await under.exchange()).toMatchObject({
      ...{ tls: { alpn: 'h2' }, request: { httpVersion: '2.0', target: '/v2' } },
    });
  });

  it('has the certificate of an address where the client asks for no name', async () => {
    const leaf = await testAuthority();
    cleanups.push(() => leaf.remove());
    const origin = kept(await startTlsOrigin(theirs, (_, response) => response.end('hello')));
    const under = await proxy(looking());
    const { socket } = await openTunnel(under.port, `127.0.0.1:${origin.port}`);
    const tls = await secure(socket, { ca: ours.pem, host: '127.0.0.1' });
    expect(tls.authorized).toBe(true);
    expect(tls.getPeerCertificate().subjectaltname).toBe('IP Address:127.0.0.1');
    tls.destroy();
  });

  it('is answered with 502 and the reason where the origin’s certificate is no good', async () => {
    const stranger = await testAuthority();
    cleanups.push(() => stranger.remove());
    const origin = kept(await startTlsOrigin(stranger, (_, response) => response.end('never')));
    const under = await proxy(looking());
    const answer = await getTls(under, `localhost:${origin.port}`);
    expect(answer.status).toBe(502);
    expect(answer.body).toMatch(/certificate is signed by no authority that is trusted/);
    expect(await under.exchange()).toMatchObject({ error: { kind: 'tls' } });
  });

  it('shows a certificate of its own to an origin that wants one', async () => {
    const { makeCertificates } = await import('../../test/services/certificates.ts');
    const pair = await makeCertificates();
    const origin = kept(
      await startTlsOrigin(
        theirs,
        (req, response) => {
          const { socket } = req;
          response.end(socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : '');
        },
        { ...pair, SNICallback: undefined, requestCert: true, rejectUnauthorized: true },
      ),
    );
    const certificates = [
      { hosts: ['localhost'], cert_file: pair.certFile, key_file: pair.keyFile },
    ];
    const under = await proxy(
      looking({ origin_certificates: certificates, origin_ca_file: pair.caFile }),
    );
    expect(await getTls(under, `localhost:${origin.port}`)).toMatchObject({ body: 'sluice-test' });
    const without = await proxy(looking({ origin_ca_file: pair.caFile }));
    expect(await getTls(without, `localhost:${origin.port}`)).toMatchObject({ status: 502 });
  });

  it('passes hosts that it is not to look into', async () => {
    const origin = kept(await startTlsOrigin(theirs, (_, response) => response.end('hello')));
    const target = `127.0.0.1:${origin.port}`;
    for (const mitm of [
      { passthrough: ['localhost'] },
      { intercept: ['*.example.com', '127.0.0.1'], passthrough: [] },
    ]) {
      const under = await proxy(looking({ mitm }));
      // The origin's own certificate comes through.
      expect(await getTls(under, target, { ca: theirs.pem })).toMatchObject({ body: 'hello' });
    }
  });

  it('is told of where the client does not trust our authority, by host', async () => {
    const origin = kept(await startTlsOrigin(theirs, (_, response) => response.end('hello')));
    const under = await proxy(looking());
    const { socket } = await openTunnel(under.port, `localhost:${origin.port}`);
    // As OpenSSL's own clients do: an alert, in the middle of the handshake.
    const client = spawn('openssl', [
      ...['s_client', '-connect', `localhost:${origin.port}`, '-proxy', `127.0.0.1:${under.port}`],
      ...['-servername', 'localhost', '-CAfile', theirs.certFile, '-verify_return_error'],
    ]);
    socket.destroy();
    client.stdin.end();
    await once(client, 'close');
    expect(await under.exchange(({ error }) => error?.kind === 'tls')).toMatchObject({
      isOpaque: true,
      request: { method: 'CONNECT' },
    });
    expect(
      under.metrics.of('sluice_capture_handshakes_failed_total', 'localhost', 'distrust'),
    ).toBe(1);
    expect(under.log.warnings()).toEqual([
      expect.stringContaining('A client does not trust the authority of this proxy'),
    ]);
  });

  it.each([
    ['TLSv1.3', 'distrust', 'A client does not trust the authority'],
    ['TLSv1.2', 'unused', 'A client went without a request'],
  ] as const)(
    'is told of where Node.js goes without a word, over %s: %s',
    async (version, reason, message) => {
      const under = await proxy(looking());
      const { socket } = await openTunnel(under.port, 'localhost:443');
      await expect(
        secure(socket, { ca: theirs.pem, servername: 'localhost', maxVersion: version }),
      ).rejects.toThrow('unable to verify the first certificate');
      const failed = 'sluice_capture_handshakes_failed_total';
      await vi.waitFor(() => expect(under.metrics.of(failed, 'localhost', reason)).toBe(1));
      expect(under.log.lines).toEqual([
        expect.objectContaining({ message: expect.stringContaining(message) as string }),
      ]);
    },
  );

  it('lets a WebSocket through', async () => {
    const origin = kept(await startTlsOrigin(theirs, () => undefined));
    origin.server.on('upgrade', (_, socket: Socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      );
      socket.pipe(socket);
    });
    const under = await proxy(looking());
    const { socket } = await openTunnel(under.port, `localhost:${origin.port}`);
    const tls = await secure(socket, { ca: ours.pem, servername: 'localhost' });
    tls.write(
      `GET /chat HTTP/1.1\r\nHost: localhost:${origin.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    const [head] = (await once(tls, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 101 /);
    tls.write('frame');
    const [echoed] = (await once(tls, 'data')) as [Buffer];
    expect(echoed.toString()).toBe('frame');
    tls.end();
    expect(await under.exchange()).toMatchObject({
      request: { target: '/chat' },
      response: { status: 101 },
    });
  });

  it('shows plain HTTP in it, too', async () => {
    const origin = kept(await startOrigin((_, response) => response.end('hello')));
    const under = await proxy(looking());
    const { socket } = await openTunnel(under.port, `127.0.0.1:${origin.port}`);
    socket.write('GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await text(socket)).toContain('hello');
    expect(await under.exchange()).toMatchObject({
      ...{ scheme: 'http', isOpaque: false, request: { target: '/plain' } },
    });
  });

  it('passes what is no HTTP, also where the server speaks first', async () => {
    const origin = kept(await startRawOrigin((socket) => socket.end('SSH-2.0-x\r\n')));
    const under = await proxy(looking({ first_bytes_timeout: '50ms' }));
    const { socket } = await openTunnel(under.port, `127.0.0.1:${origin.port}`);
    expect(await text(socket)).toBe('SSH-2.0-x\r\n');
  });

  it('leads to no other place, and holds no tunnel of its own', async () => {
    const origin = kept(await startOrigin((_, response) => response.end('hello')));
    const under = await proxy(looking());
    const ask = async (line: string): Promise<string> => {
      const { socket } = await openTunnel(under.port, `127.0.0.1:${origin.port}`);
      socket.write(
        `${line} HTTP/1.1\r\nHost: ${/\/\/([^/]*)/.exec(line)?.[1] ?? 'a'}\r\nConnection: close\r\n\r\n`,
      );
      return text(socket);
    };
    expect(await ask('GET http://other.example/')).toMatch(/^HTTP\/1\.1 421 /);
    expect(await ask(`GET http://127.0.0.1:${origin.port}/`)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ask('CONNECT other.example:443')).toMatch(/^HTTP\/1\.1 421 /);
  });
});

describe('options', () => {
  const keysOf = (raw: Readonly<Record<string, unknown>>): readonly string[] =>
    prepare(raw).problems.map(({ key }) => key);

  it.each([
    [{ mitm: true }, ['ca_file']],
    [{ mitm: 'perhaps' }, ['mitm']],
    [{ mitm: {} }, ['mitm']],
    [{ mitm: { intercept: 'a' } }, ['mitm']],
    [{ mitm: { intercept: ['a:80'] }, ca_file: 'x' }, ['mitm']],
    [{ allowed_client_cidrs: ['10.0.0.0/8', '10.0.0.0/33'] }, ['allowed_client_cidrs[1]']],
    [{ upstream_proxy: 'https://proxy' }, ['upstream_proxy']],
    [{ upstream_proxy: 'proxy:3128' }, ['upstream_proxy']],
    [{ upstream_proxy: 'http://p', no_proxy: ['a', 'a b'] }, ['no_proxy[1]']],
    [{ no_proxy: ['a'] }, ['no_proxy']],
    [{ users: { 'a:b': 'c' } }, ['users']],
    [{ datakit_conf: 'x', port: 1, verbose: true }, ['port', 'verbose']],
    [{ bnd: '::' }, ['bnd']],
  ])('that are wrong are named: %j', (raw, keys) => {
    expect(keysOf(raw)).toEqual(keys);
  });

  it.each([
    [{}],
    [{ mitm: false }],
    [{ mitm: 'true', ca_file: 'x' }],
    [{ mitm: '{"passthrough": ["a.example"]}', ca_file: 'x' }],
    [{ mitm: { intercept: ['*.example.com'], passthrough: ['x.example.com'] }, ca_file: 'x' }],
    [{ listen: '[::1]:0' }],
  ])('that are right: %j', (raw) => {
    expect(keysOf(raw)).toEqual([]);
  });
});
