/** The proxy with the clients that people have: curl, Node.js by its variables, Python's requests, and with Redis behind it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needProgram } from '../../test/services/debian.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import { needPythonRequests } from '../../test/services/python-requests.ts';
import {
  type ForwardUnderTest,
  type Origin,
  startForward,
  startTlsOrigin,
  type TestAuthority,
  testAuthority,
} from './forward.testing.ts';

const run = promisify(execFile);
const noCurl = await whyUnavailable(() => needProgram('curl', ['curl']));
const noPython = await whyUnavailable(needPythonRequests);

let ours: TestAuthority;
let theirs: TestAuthority;
let plain: ReturnType<typeof createHttp>;
let secured: Origin;
let proxies: Readonly<Record<'opaque' | 'looking', ForwardUnderTest>>;
let plainUrl: string;
let securedUrl: string;

beforeAll(async () => {
  [ours, theirs] = await Promise.all([testAuthority(), testAuthority()]);
  plain = createHttp((request, response) => {
    request.resume().on('end', () => response.end(`plain ${request.method ?? ''}`));
  }).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  secured = await startTlsOrigin(theirs, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(`secret ${Buffer.concat(chunks).toString()}`));
  });
  plainUrl = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/a`;
  securedUrl = `https://localhost:${secured.port}/b`;
  proxies = {
    opaque: await startForward(),
    looking: await startForward({
      mitm: true,
      ca_file: ours.file,
      origin_ca_file: theirs.certFile,
    }),
  };
});

afterAll(async () => {
  await Promise.all([proxies.opaque.stop(), proxies.looking.stop()]);
  secured.stop();
  plain.close();
  await Promise.all([ours.remove(), theirs.remove()]);
});

/** Every client: what it is run with, and what it prints. */
interface Client {
  readonly name: string;
  readonly reason: string | undefined;
  ask(proxy: ForwardUnderTest, url: string, caFile: string, body?: string): Promise<string>;
}

const environment = (proxy: ForwardUnderTest, caFile: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  http_proxy: proxy.url,
  https_proxy: proxy.url,
  CURL_CA_BUNDLE: caFile,
  REQUESTS_CA_BUNDLE: caFile,
});

const clients: readonly Client[] = [
  {
    name: 'curl',
    reason: noCurl,
    async ask(proxy, url, caFile, body) {
      const data = body === undefined ? [] : ['--data-binary', body];
      const env = environment(proxy, caFile);
      return (await run('curl', ['-sS', '--max-time', '20', ...data, url], { env })).stdout;
    },
  },
  {
    name: 'Python’s requests',
    reason: noPython,
    async ask(proxy, url, caFile, body) {
      const program = `import requests, sys
body = sys.argv[2] or None
print(requests.request('POST' if body else 'GET', sys.argv[1], data=body, timeout=20).text, end='')`;
      const args = ['-c', program, url, body ?? ''];
      const env = environment(proxy, caFile);
      return (await run(await needPythonRequests(), args, { env })).stdout;
    },
  },
];

describe.each(clients)('$name', (client) => {
  it.skipIf(client.reason)('asks for a whole URL', async () => {
    expect(await client.ask(proxies.opaque, plainUrl, theirs.certFile)).toBe('plain GET');
  });

  it.skipIf(client.reason)(
    'speaks TLS through an opaque tunnel with the origin itself',
    async () => {
      expect(await client.ask(proxies.opaque, securedUrl, theirs.certFile, 'a=1')).toBe(
        'secret a=1',
      );
      await expect(client.ask(proxies.opaque, securedUrl, ours.certFile)).rejects.toThrow();
    },
  );

  it.skipIf(client.reason)('is seen whole where it trusts the authority of the proxy', async () => {
    const before = proxies.looking.exchanges.length;
    expect(await client.ask(proxies.looking, securedUrl, ours.certFile, 'a=1')).toBe('secret a=1');
    const seen = await proxies.looking.exchange(
      (one) => proxies.looking.exchanges.indexOf(one) >= before,
    );
    expect(seen).toMatchObject({
      ...{ scheme: 'https', isOpaque: false },
      request: { method: 'POST', target: '/b', host: `localhost:${secured.port}` },
      response: { status: 200 },
    });
    expect(Buffer.from(seen.request.body.bytes).toString()).toBe('a=1');
  });

  it.skipIf(client.reason)('is told of where it does not', async () => {
    const failed = 'sluice_capture_handshakes_failed_total';
    const count = (): number => proxies.looking.metrics.of(failed, 'localhost', 'distrust');
    const before = count();
    await expect(client.ask(proxies.looking, securedUrl, theirs.certFile)).rejects.toThrow();
    await expect.poll(count).toBe(before + 1);
  });
});

describe.skipIf(noCurl)('an origin whose certificate is no good', () => {
  const openssl = (...args: readonly string[]): Promise<unknown> => run('openssl', args);

  it.each([
    ['self-signed', /certificate is self-signed: .* origin_ca_file/],
    ['expired', /expired/],
    ['for another host', /another name.*other\.example/],
    ['of an unknown authority', /no authority that is trusted here: .* origin_ca_file/],
  ])('is not accepted, and the client is told why: %s', async (kind, words) => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-forward-bad-'));
    const file = (name: string): string => join(folder, name);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-batch'];
    await openssl('req', ...key, '-subj', '/CN=a', '-keyout', file('k'), '-out', file('csr'));
    const name = kind === 'for another host' ? 'other.example' : 'localhost';
    await writeFile(file('ext'), `subjectAltName=DNS:${name}\n`);
    const signer = kind === 'of an unknown authority' ? ours : theirs;
    const by =
      kind === 'self-signed'
        ? ['-signkey', file('k')]
        : ['-CA', signer.file, '-CAkey', signer.file, '-set_serial', '77'];
    const days = kind === 'expired' ? ['-days', '-1'] : ['-days', '1'];
    const to = ['-in', file('csr'), '-extfile', file('ext'), '-out', file('c')];
    await openssl('x509', '-req', ...by, ...days, ...to);
    const { readFile } = await import('node:fs/promises');
    const [cert, pem] = await Promise.all([readFile(file('c')), readFile(file('k'))]);
    const bad = await startTlsOrigin(theirs, (_, response) => response.end('never'), {
      ...{ cert, key: pem, SNICallback: undefined },
    });
    try {
      const { stdout } = await run('curl', [
        ...['-sS', '-x', proxies.looking.url, '--cacert', ours.certFile, '-w', '%{http_code}'],
        `https://localhost:${bad.port}/`,
      ]);
      expect(stdout).toMatch(/502$/);
      expect(stdout).toMatch(words);
    } finally {
      bad.stop();
      await rm(folder, { recursive: true });
    }
  });
});
