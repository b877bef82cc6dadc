/**
 * What somebody does who sees nothing because it is encrypted, step by step: why nothing is seen, a reverse proxy, a
 * sidecar in the service's own namespace, a Unix socket, a wrong interface, filters. The service is the demo's app.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../services/certificates.ts';
import { makeNamespace, type Namespace } from '../services/namespace.ts';
import { freePort, launch, scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { needNamespaces, needTcpdump } from '../services/tcpdump.ts';
import { stoppedAfterEach } from './ends.ts';
import { type Life, live, type Part, shopAuthority, startServices, startShop } from './shop.ts';

const unavailable =
  (await whyUnavailable(needRedis)) ??
  (await whyUnavailable(needTcpdump)) ??
  (await whyUnavailable(needNamespaces));
const program = fileURLToPath(new URL('../../dist/src/capture.js', import.meta.url));
const list = 'analytics-tyk-system-analytics';
const stopped = stoppedAfterEach();

it('network namespaces and tcpdump are there', ({ skip }) => {
  if (unavailable !== undefined) skip(unavailable);
});

interface Verdict {
  readonly kind: string;
  readonly severity: string;
  readonly port?: string;
  readonly words: string;
  readonly evidence: readonly string[];
  readonly next: readonly string[];
}

describe.skipIf(unavailable !== undefined)('a service of which nothing is seen', () => {
  let namespace: Namespace;
  let services: Part;
  let folder: string;
  let encrypted: Part;
  let certificates: Certificates;

  beforeAll(async () => {
    namespace = await makeNamespace();
    folder = await scratchFolder('shop');
    services = await startServices(folder, namespace.launch);
    encrypted = await startShop(folder, services, {
      ...{ listen: `${namespace.address}:443`, tls: 'shop.example', launcher: namespace.launch },
    });
    certificates = await makeCertificates({ names: ['shop.example'] });
  });
  afterAll(() => namespace.stop());

  /** A shop in the clear beside the one that speaks TLS only. */
  const startPlain = async (listen: string): Promise<Part> => {
    const part = await startShop(folder, services, { listen, launcher: namespace.launch });
    stopped(part.child);
    return part;
  };
  const callEncrypted = (): Promise<Life> =>
    live([
      ...['--url', 'https://shop.example', '--connect', `${namespace.address}:443`],
      ...['--ca', shopAuthority(folder)],
    ]);
  const doctor = (...args: readonly string[]) => {
    let output = '';
    const child = launch(process.execPath, [program, 'doctor', '--seconds', '5', ...args], {
      onOutput(text) {
        output += text;
      },
    });
    return stopped({ ...child, output: () => output });
  };

  it('is said to be encrypted, for whom, and what to do, by the page, in Redis and by the doctor', async () => {
    const link = { type: 'packets', interface: namespace.link };
    const capture = await captureWith([{ ...link, report: '1s' }]);
    // Of its reports Redis has the latest: that of a whole minute, or of the time until the stop.
    const lasting = await captureWith([link]);
    const asked = doctor('--interface', namespace.link);
    await until('it looks', () => asked.output().includes('Looking at'));

    const { calls, failed } = await callEncrypted();

    expect(failed).toBe(0);
    const verdict = await capture.verdict('encrypted');
    expect(verdict).toMatchObject({ severity: 'problem', port: '443' });
    expect(verdict.words).toMatch(/^Port 443: \d+ TLS handshakes, 0 HTTP requests: encrypted\.$/);
    expect(verdict.evidence.join()).toMatch(/\d+ TLS handshakes for shop\.example \(\d+\)/);
    expect(verdict.next.join('\n')).toMatch(
      /--netns[^]*reverse proxy[^]*load balancer[^]*eBPF[^]*HAR/i,
    );
    await until('the doctor ends', () => !asked.isRunning());
    expect(asked.exit()?.code).toBe(1);
    expect(asked.output()).toMatch(
      /✗ Port 443: \d+ TLS handshakes, 0 HTTP requests: encrypted\.$/m,
    );
    expect(asked.output()).toMatch(/^ +\d+ TLS handshakes for shop\.example \(\d+\)$/m);
    expect(asked.output()).toMatch(/→ .*--netns/);
    await capture.stop();
    await lasting.stop();
    expect(await lasting.headlines()).toEqual([
      `Port 443: ${calls} TLS handshakes, 0 HTTP requests: encrypted.`,
    ]);
    expect(await capture.records()).toBe(0);
  });

  it('is recorded by a reverse proxy with its certificate before it', async () => {
    const shop = await startPlain(`${namespace.address}:0`);
    const port = await freePort();
    const capture = await captureWith([
      proxy(`127.0.0.1:${port}`, `http://${shop.listens['shop']}`),
    ]);

    const { calls, failed } = await callThrough(`127.0.0.1:${port}`);

    expect(failed).toBe(0);
    await capture.stop();
    expect(await capture.records()).toBe(calls);
  });

  it('is seen by a sidecar in its namespace, where a proxy there ends its TLS', async () => {
    const shop = await startPlain('127.0.0.1:0');
    const at = `${namespace.address}:8443`;
    await endTlsInside(at, `http://${shop.listens['shop']}`);
    const [outside, inside] = [
      await captureWith([{ type: 'packets', interface: namespace.link, report: '1s' }]),
      await captureWith([
        {
          ...{ type: 'packets', interface: 'lo', netns: namespace.path },
          filter: `tcp port ${portOf(shop.listens['shop'])}`,
        },
      ]),
    ];

    const { calls, failed } = await callThrough(at);

    expect(failed).toBe(0);
    expect(await outside.verdict('encrypted')).toMatchObject({ port: '8443' });
    await until('all are seen', async () => (await inside.records()) >= calls);
    await inside.stop();
    await outside.stop();
    expect([await inside.records(), await outside.records()]).toEqual([calls, 0]);
  });

  it('is not seen behind a Unix socket, which is said; a gateway in its place records it', async () => {
    const socket = path.join(folder, 'shop.sock');
    await startPlain(socket);
    const at = `${namespace.address}:9443`;
    await endTlsInside(at, `unix:${socket}`);
    const sidecar = await captureWith([
      { type: 'packets', interface: 'lo', netns: String(encrypted.child.pid), report: '1s' },
    ]);
    const port = await freePort();
    const gateway = await captureWith([proxy(`127.0.0.1:${port}`, `unix:${socket}`)]);

    const unseen = await callThrough(at);
    const recorded = await callThrough(`127.0.0.1:${port}`);

    expect([unseen.failed, recorded.failed]).toEqual([0, 0]);
    const verdict = await sidecar.verdict('unix-socket');
    expect(verdict.evidence).toContain(socket);
    expect(verdict.next.join()).toMatch(/gateway/);
    await gateway.stop();
    await sidecar.stop();
    expect(await gateway.records()).toBe(recorded.calls);
    expect(await sidecar.records('/login')).toBe(0);
  });

  it('is looked for at a wrong interface, which is said', async () => {
    const asked = doctor(
      '--netns',
      namespace.path,
      '--interface',
      'lo',
      '--filter',
      'tcp port 443',
    );
    await until('it looks', () => asked.output().includes('Looking at'));

    await callEncrypted();

    await until('the doctor ends', () => !asked.isRunning());
    expect(asked.exit()?.code).toBe(1);
    expect(asked.output()).toMatch(
      /✗ No packet was seen on lo in \d s\.[^]*right interface\? `any`/,
    );
  });

  it('is seen, and kept out by filters, which is said', async () => {
    const shop = await startPlain(`${namespace.address}:0`);
    const capture = await captureWith([
      { type: 'packets', interface: namespace.link, paths: ['/api/*'], report: '1s' },
    ]);

    const at = shop.listens['shop'] ?? '';
    await live(['--url', `http://${at}`]);

    expect(await capture.verdict('filtered')).toMatchObject({
      ...{ severity: 'problem', port: portOf(at) },
      next: [expect.stringMatching(/`ports`, `hosts` and `paths`/)],
    });
    await capture.stop();
    expect(await capture.records()).toBe(0);
  });

  const proxy = (listen: string, target: string): object => ({
    ...{ type: 'gateway', listen, target },
    certificates: [{ cert: certificates.certFile, key: certificates.keyFile }],
  });
  const callThrough = (at: string): Promise<Life> =>
    live(['--url', 'https://shop.example', '--connect', at, '--ca', certificates.caFile]);

  /** Ends TLS within the namespace and records nothing, as a mesh's proxy does. */
  async function endTlsInside(listen: string, target: string): Promise<void> {
    const file = path.join(await scratchFolder('mesh'), 'mesh.json');
    const source = { ...proxy(listen, target), record: false };
    await writeFile(file, JSON.stringify({ storage: 'memory', to: ['dummy'], sources: [source] }));
    const child = namespace.launch([process.execPath, program, '--conf', file]);
    stopped(child);
    await until(
      'it listens, or ends',
      () => /A source has begun/.test(child.output()) || !child.isRunning(),
    );
    if (!child.isRunning()) throw new Error(child.output());
  }
});

const portOf = (at = ''): string => at.split(':').at(-1) ?? '';

/** The program with these sources and a Redis of its own, once they have begun. */
async function captureWith(sources: readonly object[]) {
  const redis: RedisServer = stopped(await startRedis());
  const admin = `127.0.0.1:${await freePort()}`;
  const file = path.join(await scratchFolder('capture'), 'capture.json');
  const storage = { host: redis.host, port: redis.port };
  await writeFile(file, JSON.stringify({ storage, admin: { listen: admin }, sources }));
  const child = stopped(launch(process.execPath, [program, '--conf', file]));
  const page = (name: string): Promise<Response> => fetch(`http://${admin}${name}`);
  await until('it is ready, or ends', () =>
    child.isRunning()
      ? page('/ready').then(
          ({ ok }) => ok,
          () => false,
        )
      : true,
  );
  if (!child.isRunning()) throw new Error(child.output());
  const verdicts = async (): Promise<readonly Verdict[]> => {
    const { sources: found } = (await (await page('/api/diagnostics')).json()) as {
      readonly sources: readonly {
        readonly reports: readonly { readonly verdicts: readonly Verdict[] }[];
      }[];
    };
    return found.flatMap(({ reports }) => reports.flatMap((report) => report.verdicts));
  };
  return {
    /** The latest verdict of this kind, once there is one. */
    async verdict(kind: string): Promise<Verdict> {
      let found: Verdict | undefined;
      await until(
        `there is a verdict ${kind}`,
        async () => (found = (await verdicts()).find((each) => each.kind === kind)) !== undefined,
        20_000,
        async () => JSON.stringify(await verdicts()),
      );
      if (found === undefined) throw new Error('unreachable');
      return found;
    },
    async headlines(): Promise<readonly string[]> {
      const keys = await redis.client.keys('sluice-capture:report:*');
      return Promise.all(keys.map(async (key) => (await redis.client.hget(key, 'headline')) ?? ''));
    },
    /** How many records there are, or how many that have this in them. */
    async records(part = ''): Promise<number> {
      const all = await redis.client.lrangeBuffer(list, 0, -1);
      return all.filter((each) => each.includes(part)).length;
    },
    async stop(): Promise<void> {
      await child.stop();
      expect(child.exit()?.code).toBe(0);
    },
  };
}
