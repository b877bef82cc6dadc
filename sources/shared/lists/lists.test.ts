import { describe, expect, it } from 'vitest';
import { readCidrs } from './cidr.ts';
import { canonicalHost, readHosts } from './hosts.ts';
import { isPrivateAddress, isPrivateNetwork } from './private.ts';

describe('a list of networks', () => {
  const { list, problems } = readCidrs(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1/128']);

  it.each([
    ['10.255.0.1', true],
    ['11.0.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['::ffff:10.1.2.3', true],
    ['::ffff:11.1.2.3', false],
    ['fd12::1', true],
    ['fe80::1%eth0', false],
    ['::1', true],
    ['no address', false],
    ['', false],
  ])('has %s: %s', (address, isIn) => {
    expect(problems).toEqual([]);
    expect(list.includes(address)).toBe(isIn);
  });

  it('names every entry that is no network', () => {
    const bad = ['10.0.0.0/33', 'fd00::/129', '10.0.0/8', 'host', '10.0.0.0/', '10.0.0.0/8/8', ''];
    expect(readCidrs(bad).problems.map(({ entry }) => entry)).toEqual(bad);
  });
});

describe('addresses that are not of the Internet', () => {
  it.each([
    '127.0.0.1',
    '127.255.1.2',
    '0.0.0.0',
    '10.0.0.1',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '255.255.255.255',
  ])('%s', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each(['1.1.1.1', '172.32.0.1', '8.8.8.8', '::ffff:8.8.8.8', '2606:4700::1111'])(
    'is not %s',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false);
    },
  );
});

describe('a private network', () => {
  it.each([
    ['10.0.0.0/8', true],
    ['10.1.0.0/16', true],
    ['169.254.169.254', true],
    ['fd00::/8', true],
    ['::1', true],
    ['0.0.0.0/0', false],
    ['10.0.0.0/7', false],
    ['192.0.0.0/8', false],
    ['8.0.0.0/5', false],
    ['::/0', false],
    ['fc00::/6', false],
    ['8.8.8.8', false],
  ])('%s: %s', (network, expected) => expect(isPrivateNetwork(network)).toBe(expected));
});

describe('a list of hosts', () => {
  const { list } = readHosts(['api.example.com', '*.Example.org', 'bücher.example', '127.0.0.1']);

  it.each([
    ['api.example.com', true],
    ['API.Example.COM.', true],
    ['www.api.example.com', false],
    ['example.org', false],
    ['a.example.org', true],
    ['a.b.example.org', true],
    ['aexample.org', false],
    ['xn--bcher-kva.example', true],
    ['127.0.0.1', true],
    ['127.1', true],
    ['0x7f000001', true],
    ['api.example.com/', false],
    ['', false],
  ])('has %s: %s', (host, isIn) => {
    expect(list.includes(host)).toBe(isIn);
  });

  it('has every host where a star stands alone', () => {
    expect(readHosts(['*']).list.includes('anything.example')).toBe(true);
  });

  it('names every entry that is no pattern', () => {
    const bad = ['a*.example.com', '*.127.0.0.1', 'https://a', 'a:80', '', '*.', '**.a'];
    expect(readHosts(bad).problems.map(({ entry }) => entry)).toEqual(bad);
  });

  it('knows an address in each of its spellings', () => {
    expect(canonicalHost('[2001:DB8:0::1]')).toBe('2001:db8::1');
    expect(canonicalHost('2130706433')).toBe('127.0.0.1');
  });
});
