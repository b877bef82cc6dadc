/** Real packets: of the loopback, and of a network namespace with a service whose TLS ends before it, as in Akita's article. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates } from '../../test/services/certificates.ts';
import { needProgram } from '../../test/services/debian.ts';
import { makeNamespace, type Namespace } from '../../test/services/namespace.ts';
import { needNginx } from '../../test/services/nginx.ts';
import { type Child, scratchFolder, until, whyUnavailable } from '../../test/services/process.ts';
import { needNamespaces, needTcpdump } from '../../test/services/tcpdump.ts';
import { startPackets } from './live.testing.ts';
import { textOf } from './packets.testing.ts';

const run = promisify(execFile);
const noTcpdump = await whyUnavailable(needTcpdump);
const noCurl = await whyUnavailable(() => needProgram('curl', ['curl']));
const noNamespaces =
  noTcpdump ??
  (await whyUnavailable(needNamespaces)) ??
  (await whyUnavailable(needNginx)) ??
  noCurl;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** The tcpdump processes that this one has started. */
async function ownTcpdumps(): Promise<readonly number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(stat) ?? [];
    if (name === 'tcpdump' && Number(parent) === process.pid) found.push(Number(entry));
  }
  return found;
}

async function anOrigin(): Promise<{ readonly url: string; readonly port: number }> {
  const server: Server = createServer((request, response) => {
    request.resume().on('end', () => response.end(`hello ${request.url}`));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port };
}

describe.skipIf(noTcpdump || noCurl)('TLS of the loopback, with a key log', () => {
  it('becomes exchanges, of a call that was over before its secrets were read', async () => {
    const { key, cert } = await makeCertificates({ names: ['shop.example'] });
    const server = createSecureServer({ key, cert }, (request, response) => {
      response.end(`hello ${request.url}`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(async () => {
      server.close();
      await once(server, 'close');
    });
    const { port } = server.address() as AddressInfo;
    const folder = await scratchFolder('keylog');
    const file = path.join(folder, 'keys.log');
    const packets = await startPackets({
      ...{ interface: 'lo', filter: `tcp port ${port}`, keylog: file },
    });
    ends.push(() => packets.stop());

    const { stdout } = await run(
      'curl',
      ['-sk', '--noproxy', '*', `https://127.0.0.1:${port}/a?b=c`],
      {
        env: { ...process.env, SSLKEYLOGFILE: file },
      },
    );
    expect(stdout).toBe('hello /a?b=c');
    const exchange = await packets.exchange(({ request }) => request.target === '/a?b=c');

    expect(exchange).toMatchObject({ scheme: 'https', tls: { version: 'TLSv1.3' } });
    expect(textOf(exchange.response?.body)).toBe('hello /a?b=c');
    expect(packets.metrics.of('sluice_capture_packets_decryptions_total', 'decrypted')).toBe(1);
    const secret = (await readFile(file, 'latin1')).trim().split(' ').at(-1) ?? '';
    expect(secret).toMatch(/^[\da-f]{64}/);
    expect(JSON.stringify([packets.log.lines, exchange])).not.toContain(secret);
  });
});

describe.skipIf(noTcpdump)('packets of the loopback', () => {
  it('become exchanges while calls go on, and tcpdump is gone at the stop', async () => {
    const { url, port } = await anOrigin();
    const packets = await startPackets({ interface: 'lo', filter: `tcp port ${port}` });
    ends.push(() => packets.stop());

    await (await fetch(`${url}/a`, { method: 'POST', body: 'question' })).text();
    const exchange = await packets.exchange(({ request }) => request.target === '/a');

    expect(textOf(exchange.request.body)).toBe('question');
    expect(textOf(exchange.response?.body)).toBe('hello /a');
    expect(exchange.server).toEqual({ address: '127.0.0.1', port });
    expect(Math.abs(exchange.startedAt - Date.now())).toBeLessThan(60_000);
    expect(await ownTcpdumps()).toHaveLength(1);
    expect(await packets.stop()).toMatchObject({ requests: 1, responses: 1, kernel_drops: 0 });
    expect(await ownTcpdumps()).toEqual([]);
  });

  it('are waited for at a stop: the kernel hands them on late', async () => {
    const { url, port } = await anOrigin();
    const packets = await startPackets({ interface: 'lo', filter: `tcp port ${port}` });

    for (let at = 0; at < 20; at++) await (await fetch(`${url}/${at}`)).text();
    const { signal } = new AbortController();

    expect(await packets.stop(signal)).toMatchObject({ requests: 20, responses: 20 });
    expect(packets.exchanges).toHaveLength(20);
    expect(packets.metrics.of('sluice_capture_packets_lost_total', 'unread')).toBe(0);
  });

  it('go on after tcpdump was killed', async () => {
    const { url, port } = await anOrigin();
    const packets = await startPackets({ interface: 'lo', filter: `tcp port ${port}` });
    ends.push(() => packets.stop());
    const [first = 0] = await ownTcpdumps();

    process.kill(first, 'SIGKILL');
    await until('it captures again', () =>
      packets.log.lines.some(({ message }) => message === 'tcpdump captures again.'),
    );
    await (await fetch(`${url}/b`)).text();

    await packets.exchange(({ request }) => request.target === '/b');
    expect(packets.log.warnings()).toEqual(['tcpdump has ended; it is started again.']);
    expect((await ownTcpdumps()).includes(first)).toBe(false);
  });

  it('cannot be had of an interface that is not there, which is said in tcpdump’s words', async () => {
    await expect(startPackets({ interface: 'nowhere0' })).rejects.toThrow(
      /tcpdump on nowhere0: .*No such device/,
    );
    await expect(startPackets({ interface: 'lo', filter: 'no filter' })).rejects.toThrow(
      /tcpdump on lo: .*syntax error/,
    );
    await expect(startPackets({ interface: 'lo', tcpdump: '/nowhere/tcpdump' })).rejects.toThrow(
      /ENOENT/,
    );
    expect(await ownTcpdumps()).toEqual([]);
  });
});

describe.skipIf(noNamespaces)('a service whose TLS ends at a proxy before it', () => {
  let namespace: Namespace;
  let app: Child;

  beforeAll(async () => {
    namespace = await makeNamespace();
    const { cert, key } = await makeCertificates({ names: ['shop.example'] });
    const dir = await scratchFolder('packets');
    const file = (base: string): string => path.join(dir, base);
    await writeFile(file('cert.pem'), cert);
    await writeFile(file('key.pem'), key);
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (each) => `${each}_temp_path ${file(each)};`,
    );
    await writeFile(
      file('nginx.conf'),
      `daemon off; master_process off; pid ${file('nginx.pid')}; error_log stderr warn; events {}
http {
  ${paths.join(' ')} access_log off;
  server {
    listen ${namespace.address}:443 ssl; server_name shop.example;
    ssl_certificate ${file('cert.pem')}; ssl_certificate_key ${file('key.pem')};
    location / { proxy_pass http://127.0.0.1:3000; proxy_set_header Host $host; }
    location /socket { proxy_pass http://unix:${file('app.sock')}:; proxy_set_header Host $host; }
  }
}`,
    );
    const script = `const h=require('node:http');const s=()=>h.createServer((q,r)=>q.resume().on('end',()=>r.end('from the app '+q.url)));s().listen(3000,'127.0.0.1');s().listen(${JSON.stringify(file('app.sock'))});`;
    app = namespace.launch([process.execPath, '-e', script]);
    namespace.launch([await needNginx(), '-c', file('nginx.conf'), '-p', dir, '-e', 'stderr']);
    await until('it answers', async () => (await call('/ready').catch(() => '')) !== '');
  });

  afterAll(() => namespace.stop());

  const call = async (target: string): Promise<string> => {
    const resolve = `shop.example:443:${namespace.address}`;
    const { stdout } = await run('curl', [
      '-sk',
      '--fail',
      '--max-time',
      '5',
      '--resolve',
      resolve,
      `https://shop.example${target}`,
    ]);
    return stdout;
  };

  it('is seen from outside as handshakes, and never as calls', async () => {
    const packets = await startPackets({ interface: namespace.link });
    ends.push(() => packets.stop());

    expect(await call('/outside')).toBe('from the app /outside');
    await until('the handshake is counted', () =>
      [...packets.metrics.totals.keys()].some((key) => /handshakes_total TLSv1\./.test(key)),
    );

    expect(await packets.stop()).toMatchObject({
      tls_handshakes: 1,
      requests: 0,
      responses: 0,
      unparsed: 0,
    });
    expect(packets.exchanges).toEqual([]);
  });

  it.each([
    ['by its path', () => namespace.path],
    ['by a process in it', () => String(app.pid)],
  ])('is seen from its own namespace as calls, %s', async (_name, netnsOf) => {
    const packets = await startPackets({ interface: 'lo', netns: netnsOf() });
    ends.push(() => packets.stop());

    expect(await call('/inside')).toBe('from the app /inside');
    const exchange = await packets.exchange(({ request }) => request.target === '/inside');

    expect(exchange.request.host).toBe('shop.example');
    expect(textOf(exchange.response?.body)).toBe('from the app /inside');
    // Both ends are there.
    expect(exchange.direction).toBe('in');
  });

  it('is not seen where it is spoken to over a Unix socket', async () => {
    const packets = await startPackets({ interface: 'any', netns: namespace.path });
    ends.push(() => packets.stop());

    expect(await call('/socket')).toBe('from the app /socket');
    expect(await call('/tcp')).toBe('from the app /tcp');
    await packets.exchange(({ request }) => request.target === '/tcp');

    expect(packets.exchanges.map(({ request }) => request.target)).toEqual(['/tcp']);
  });
});
