/** Upstreams that SRV records name, asked of a real DNS server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#source';
import { nothingWaits } from '../../../src/capture/exchange.testing.ts';
import { CountingMetrics } from '../../../src/lib/metrics.testing.ts';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { DnsServerUnderTest } from '../../shared/dns/dns.testing.ts';
import { UpstreamPool } from '../definition/target.ts';
import gateway from '../index.ts';
import { readSrv } from './srv-targets.ts';

const name = '_http._tcp.shop.example';
const ends: (() => unknown)[] = [];
let dns: DnsServerUnderTest;
let dnsAt: string;

beforeEach(async () => {
  dns = new DnsServerUnderTest();
  dnsAt = await dns.start();
  ends.push(() => dns.stop());
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function listen(server: Server & { closeAllConnections(): void }): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** An upstream that says its name. */
async function anOrigin(who: string) {
  const hosts: (string | undefined)[] = [];
  const origin = { status: 200, port: 0, hosts };
  origin.port = await listen(
    createServer((request, response) => {
      hosts.push(request.headers.host);
      // Each call needs a connection, and so an address.
      response.writeHead(origin.status, { connection: 'close' }).end(who);
    }),
  );
  return origin;
}

async function start(raw: object) {
  const [log, metrics] = [memoryLog(), new CountingMetrics()];
  const { source: prepared, problems } = gateway.prepare({
    raw: { listen: '127.0.0.1:0', watch: false, dns_servers: [dnsAt], ...raw },
    ...{ source: 'test', at: '', env: {}, layers: [], unresolved: new Map(), allowed: [] },
  });
  if (prepared === undefined) throw new Error(JSON.stringify(problems));
  const source = await prepared.start({
    ...{ name: 'gateway', log, metrics, clock: systemClock, bodyLimit: 0, isRecording: true },
    ...{ writing: nothingWaits, redis: undefined, record: () => undefined },
  });
  ends.push(() => source.stop(AbortSignal.timeout(1000)));
  const url = source.listensAt[0] ?? '';
  const ask = async (times: number): Promise<string> => {
    let said = '';
    for (let i = 0; i < times; i++) said += await (await fetch(`${url}/x`)).text();
    return said;
  };
  const status = async () => (await fetch(`${url}/x`)).status;
  return { ask, status, log, metrics };
}

const records = (...rows: DnsServerUnderTest['names'][string]['rows']) => ({
  [name]: { ttl: 1, rows },
});

describe('upstreams by SRV record', () => {
  it('get shares by weight, and follow the records within their time to live', async () => {
    const [a, b, c] = [await anOrigin('a'), await anOrigin('b'), await anOrigin('c')];
    dns.names = records(
      { target: 'a.shop.example', port: a.port, weight: 3 },
      { target: 'b.shop.example', port: b.port, weight: 1 },
      { target: 'c.shop.example', port: c.port, priority: 1 },
    );
    const { ask, log } = await start({ target: `srv://${name}/base/` });
    expect((await ask(8)).split('').sort().join('')).toBe('aaaaaabb');
    expect(a.hosts[0]).toBe('shop.example');
    dns.names = records({ target: 'c.shop.example', port: c.port });
    await expect.poll(() => ask(1), { timeout: 5000 }).toBe('c');
    expect(await ask(3)).toBe('ccc');
    expect(log.text()).toContain('There are other SRV records of a name.');
  });

  it('of the next priority take over from those that are away, or fail their checks', async () => {
    const [a, b] = [await anOrigin('a'), await anOrigin('b')];
    dns.names = records(
      { target: 'a.shop.example', port: a.port, priority: 1 },
      { target: 'b.shop.example', port: b.port, priority: 2 },
    );
    const { ask, log } = await start({
      target: `srv://${name}`,
      health: { path: '/health', interval: '100ms', unhealthy_after: 2, healthy_after: 2 },
    });
    expect(await ask(3)).toBe('aaa');
    a.status = 503;
    await expect.poll(() => log.text(), { timeout: 5000 }).toContain('An upstream is unhealthy');
    expect(await ask(3)).toBe('bbb');
    a.status = 200;
    await expect.poll(() => ask(1), { timeout: 5000 }).toBe('a');
  });

  it('stay what they were while the DNS fails, which is told and counted', async () => {
    const a = await anOrigin('a');
    dns.names = records({ target: 'a.shop.example', port: a.port });
    const { ask, log, metrics } = await start({ target: `srv://${name}` });
    expect(await ask(1)).toBe('a');
    dns.mood = 'refuses';
    await expect
      .poll(() => metrics.of('sluice_capture_srv_failures_total', 'gateway'), { timeout: 5000 })
      .toBe(1);
    expect(log.text()).toContain('SRV records of a name could not be looked up');
    expect(await ask(2)).toBe('aa');
  });

  it('are none where nobody knows any: 503, until there are', async () => {
    const { status } = await start({ target: `srv://${name}` });
    expect(await status()).toBe(503);
    dns.names = records({ target: 'a.shop.example', port: (await anOrigin('a')).port });
    await expect.poll(status, { timeout: 10_000 }).toBe(200);
  });

  it('are asked for the domain’s certificate, whatever the DNS says of targets', () => {
    const manner = { connectTimeout: 1, keepsSlash: false, protocol: '' };
    const place = { pool: new UpstreamPool(), resolve: undefined };
    const record = { target: 'evil.example', port: 8443, priority: 0, weight: 0 };
    const target = readSrv(`srv+https://${name}/base?a=1`, manner)?.targetAt(record, place);
    expect(target).toMatchObject({
      ...{ host: 'shop.example', prefix: '/base', query: 'a=1' },
      upstream: { protocol: 'https:', host: 'evil.example', port: 8443 },
    });
    expect(target?.upstream.tls?.servername).toBe('shop.example');
  });

  it('without an address are no refusal: 502', async () => {
    dns.names = records({ target: 'a.shop.example', port: 1 });
    dns.addresses = { 'a.shop.example': [] };
    const { ask, status } = await start({ target: `srv://${name}` });
    expect(await status()).toBe(502);
    expect(await ask(1)).toContain('the DNS knows no address of a.shop.example');
  });

  it.each([
    [{ target: 'srv://' }, 'target'],
    [{ target: 'srv://a.example:80' }, 'target'],
    [{ target: 'srv+ftp://a.example' }, 'target'],
    [{ targets: ['srv://a.example', 'http://b'] }, 'targets[0]'],
    [{ target: 'srv://a.example', dns_servers: ['dns.example'] }, 'dns_servers[0]'],
  ])('are refused where they are wrong: %j', async (raw, key) => {
    await expect(start(raw)).rejects.toThrow(JSON.stringify(key).slice(1, -1));
  });
});
