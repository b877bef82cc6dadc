import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#source';
import { FakeClock } from '../../../src/lib/fake-clock.testing.ts';
import { DnsServerUnderTest } from './dns.testing.ts';
import { createDnsClient, type DnsClient, dnsServerOf } from './dns-client.ts';
import { createSrvResolver, serviceDomain, shareOf } from './srv-resolver.ts';

const name = '_http._tcp.shop.example';
let server: DnsServerUnderTest;
let client: DnsClient;
let at: string;

beforeEach(async () => {
  server = new DnsServerUnderTest();
  at = await server.start();
  client = createDnsClient([dnsServerOf(at)!], systemClock);
});

afterEach(() => server.stop());

describe('a client of DNS', () => {
  it('reads SRV records with their time to live', async () => {
    const rows = [
      { target: 'B.Shop.example', port: 81, priority: 1, weight: 5 },
      { target: 'a.shop.example', port: 80 },
    ];
    server.names = { [name]: { ttl: 30, rows } };
    expect(await client.srv(name)).toEqual({
      found: [
        { target: 'b.shop.example', port: 81, priority: 1, weight: 5 },
        { target: 'a.shop.example', port: 80, priority: 0, weight: 0 },
      ],
      ttl: 30,
    });
  });

  it('asks over TCP for what does not fit', async () => {
    server.mood = 'long';
    const rows = Array.from({ length: 200 }, (_, i) => ({
      target: `n${i}.shop.example`,
      port: 80,
    }));
    server.names = { [name]: { rows } };
    expect((await client.srv(name)).found).toHaveLength(200);
    expect(server.asked).toEqual([`SRV ${name}`, `SRV ${name}`]);
  });

  it('tells a service that is not there from a name that is not', async () => {
    server.names = { [name]: { rows: [{ target: '.', port: 0 }] } };
    expect((await client.srv(name)).found).toEqual([]);
    await expect(client.srv('_http._tcp.none.example')).rejects.toThrow('no SRV records');
  });

  it('finds addresses of both families', async () => {
    server.addresses = { 'a.example': ['10.0.0.1', 'fd00::1'], 'none.example': [] };
    expect(await client.addresses('a.example')).toEqual(['10.0.0.1', 'fd00::1']);
    await expect(client.addresses('none.example')).rejects.toThrow('no address of none.example');
  });

  it('says which server refuses, and asks the next one', async () => {
    const other = new DnsServerUnderTest();
    const further = dnsServerOf(await other.start())!;
    other.names = { [name]: { rows: [{ target: 'a', port: 1 }] } };
    server.mood = 'refuses';
    await expect(client.srv(name)).rejects.toThrow(`${at} says SERVFAIL`);
    const both = createDnsClient([dnsServerOf(at)!, further], systemClock);
    expect((await both.srv(name)).found).toHaveLength(1);
    other.stop();
  });

  it('does not wait for ever', async () => {
    server.mood = 'silent';
    const clock = new FakeClock();
    const asked = expect(createDnsClient([dnsServerOf(at)!], clock).srv(name)).rejects.toThrow(
      'does not answer within 2 s',
    );
    await clock.advance(2_000);
    await clock.advance(2_000);
    await asked;
  });

  it.each([
    ['10.0.0.2', 53],
    ['10.0.0.2:8600', 8600],
    ['[::1]:53', 53],
    ['::1', 53],
    ['dns.example:53', undefined],
    ['10.0.0.2:0', undefined],
    ['', undefined],
  ])('is told of servers by address: %j', (text, port) =>
    expect(dnsServerOf(text)?.port).toBe(port),
  );
});

describe('SRV records', () => {
  function resolverOf() {
    const clock = new FakeClock();
    const told: string[] = [];
    const resolver = createSrvResolver(client, {
      clock,
      events: {
        onFailure: (_, words, kept) => told.push(`${words}; ${kept} kept`),
        onChange: (_, records) => told.push(records.map(({ target }) => target).join(' ')),
      },
    });
    const targets = async (): Promise<readonly string[]> =>
      (await resolver.resolve(name)).records.map(({ target }) => target);
    return { clock, told, resolver, targets };
  }

  it('are asked for again when their time is over, once for all who wait', async () => {
    server.names = { [name]: { ttl: 10, rows: [{ target: 'a', port: 1 }] } };
    const { clock, told, targets } = resolverOf();
    await Promise.all([targets(), targets()]);
    server.names = { [name]: { ttl: 10, rows: [{ target: 'b', port: 1 }] } };
    await clock.advance(9_999);
    expect(await targets()).toEqual(['a']);
    expect(server.asked).toHaveLength(1);
    await clock.advance(1);
    expect(await targets()).toEqual(['b']);
    expect(told).toEqual(['a', 'b']);
  });

  it('are the same whatever their order, and asked for no more than once a second', async () => {
    const rows = [
      { target: 'a', port: 1 },
      { target: 'b', port: 1 },
    ];
    server.names = { [name]: { ttl: 0, rows } };
    const { clock, told, resolver } = resolverOf();
    const { records } = await resolver.resolve(name);
    server.names = { [name]: { ttl: 0, rows: rows.toReversed() } };
    await clock.advance(999);
    await resolver.resolve(name);
    expect(server.asked).toHaveLength(1);
    await clock.advance(1);
    expect((await resolver.resolve(name)).records).toBe(records);
    expect(server.asked).toHaveLength(2);
    expect(told).toEqual(['a b']);
  });

  it('from before go on while the DNS fails, which is told', async () => {
    server.names = { [name]: { rows: [{ target: 'a', port: 1 }] } };
    const { clock, told, targets } = resolverOf();
    await targets();
    server.mood = 'refuses';
    await clock.advance(1_000);
    expect(await targets()).toEqual(['a']);
    expect(told.at(-1)).toMatch(/SERVFAIL; 1 kept/);
    server.mood = 'fine';
    server.names = {};
    await clock.advance(5_000);
    expect(await targets()).toEqual(['a']);
    expect(told.at(-1)).toMatch(/no SRV records of it; 1 kept/);
    server.names = { [name]: { rows: [{ target: '.', port: 0 }] } };
    await clock.advance(5_000);
    expect(await targets()).toEqual([]);
  });

  it('with a weight of 0 have the least share', () => {
    const record = (weight: number) => ({ target: 'a', port: 1, priority: 0, weight });
    expect(shareOf(record(0), [record(0), record(0)])).toBe(1);
    expect(shareOf(record(0), [record(0), record(3)])).toBe(0.01);
    expect(shareOf(record(3), [record(0), record(3)])).toBe(3);
  });

  it('are of a domain', () => {
    expect(serviceDomain('_http._tcp.shop.example')).toBe('shop.example');
    expect(serviceDomain('web.service.consul')).toBe('web.service.consul');
  });
});
