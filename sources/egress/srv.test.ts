/** Endpoints that SRV records name, asked of a real DNS server. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DnsServerUnderTest } from '../shared/dns/dns.testing.ts';
import { startOrigin } from '../shared/relay/relay.testing.ts';
import { askFor, type EgressUnderTest, startEntry } from './egress.testing.ts';

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

async function anOrigin(who: string): Promise<number> {
  const origin = await startOrigin((_, response) =>
    response.writeHead(200, { connection: 'close' }).end(who),
  );
  ends.push(() => origin.stop());
  return origin.port;
}

const entries = (more = '') => `
entries:
  - name: shop
    hosts: [shop.example]
    ports: [{number: 80, protocol: HTTP}]
    resolution: DNS
    endpoints: [{address: "srv://${name}"}]
${more}`;

async function start(more?: string): Promise<EgressUnderTest> {
  const entry = await startEntry(entries(more), { options: { dns_servers: [dnsAt] } });
  ends.push(() => entry.stop());
  return entry;
}

const named = '    addresses: [127.0.0.0/8]\n';

async function said(entry: EgressUnderTest, times: number): Promise<string> {
  let all = '';
  for (let i = 0; i < times; i++) all += (await askFor(entry, 'http://shop.example/x')).body;
  return all;
}

it('are called by weight and priority, at the ports of their records, and followed', async () => {
  const [a, b, c] = [await anOrigin('a'), await anOrigin('b'), await anOrigin('c')];
  const at = (target: string, port: number, priority: number, weight: number) => ({
    ...{ target: `${target}.shop.example`, port, priority, weight },
  });
  dns.names = { [name]: { ttl: 1, rows: [at('a', a, 1, 3), at('b', b, 1, 1), at('c', c, 2, 1)] } };
  const entry = await start(named);
  expect((await said(entry, 8)).split('').sort().join('')).toBe('aaaaaabb');
  // The targets' names are asked of the same server, and none of the system.
  expect(dns.asked).toContain('A a.shop.example');
  expect(entry.lookedUp).toEqual([]);
  dns.names = { [name]: { ttl: 1, rows: [at('c', c, 0, 0)] } };
  await expect.poll(() => said(entry, 1), { timeout: 5000 }).toBe('c');
});

it('of the next priority take over from those that are away', async () => {
  const b = await anOrigin('b');
  dns.names = {
    [name]: {
      rows: [
        { target: 'a.shop.example', port: 1, priority: 1 },
        { target: 'b.shop.example', port: b, priority: 2 },
      ],
    },
  };
  const entry = await start(named);
  expect((await askFor(entry, 'http://shop.example/x')).status).toBe(502);
  expect(await said(entry, 3)).toBe('bbb');
});

it('go on while the DNS fails, which is told and counted', async () => {
  const a = await anOrigin('a');
  dns.names = { [name]: { ttl: 0, rows: [{ target: 'a.shop.example', port: a }] } };
  const entry = await start(named);
  expect(await said(entry, 1)).toBe('a');
  dns.mood = 'refuses';
  const failures = () => entry.metrics.of('sluice_capture_srv_failures_total', 'egress');
  await expect
    .poll(
      async () => {
        expect(await said(entry, 1)).toBe('a');
        return failures();
      },
      { timeout: 5000, interval: 200 },
    )
    .toBe(1);
  expect(entry.log.text()).toContain('those from before go on');
});

it('say what is wrong where they name nobody', async () => {
  const entry = await start(named);
  const answer = await askFor(entry, 'http://shop.example/x');
  expect(answer.status).toBe(502);
  expect(answer.body).toContain(`the SRV records of ${name} name nobody`);
});

it('make no address one that may be called: private ones must be named', async () => {
  dns.names = { [name]: { rows: [{ target: 'a.shop.example', port: await anOrigin('a') }] } };
  const entry = await start();
  expect((await askFor(entry, 'http://shop.example/x')).status).toBe(403);
});

it.each([
  ['resolution: STATIC', 'endpoints[0].address'],
  ['resolution: DNS_ROUND_ROBIN', 'endpoints[0].address'],
])('are refused with %s', async (resolution, key) => {
  const text = entries().replace('resolution: DNS', resolution);
  await expect(startEntry(text)).rejects.toThrow(key);
});

it('say their ports themselves', async () => {
  const text = entries().replace(`"srv://${name}"`, `"srv://${name}", ports: {"80": 81}`);
  await expect(startEntry(text)).rejects.toThrow('the SRV records of the endpoint say the port');
});
