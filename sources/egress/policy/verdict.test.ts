import { describe, expect, it } from 'vitest';
import { readRules } from '../read/rules.ts';
import { readAuthority } from './authority.ts';
import { addressDenial, createJudge } from './verdict.ts';

function rulesOf(text: string) {
  const { rules, problems } = readRules([{ path: 'entries.yaml', text }], () => ({
    read: () => ({ pem: '' }),
    isPair: () => true,
  }));
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return rules;
}

const entries = `
entries:
- {name: api, hosts: [api.example.com], ports: [80, 443]}
- {name: wild, hosts: ["*.example.com"], ports: [443, {number: 8443, protocol: TLS}]}
- {name: deep, hosts: ["*.deep.example.com"], ports: [443]}
- {name: bucher, hosts: [bücher.example], ports: [443]}
- {name: office, hosts: [office.internal], addresses: [10.1.0.0/16, "2001:db8::/32", 198.51.100.7], ports: [{number: 5432, protocol: TCP}]}
`;

function verdict(text: string, rules = entries): string {
  const found = readAuthority(text);
  if (!found.ok) return 'malformed';
  const { host, isAddress, port = 0 } = found.authority;
  const said = createJudge(rulesOf(rules)).verdictOf({ host, isAddress, port });
  if (said.kind === 'entry') return `${said.entry.name} ${said.port.protocol}`;
  return said.kind === 'denied' ? said.denial.reason : 'network';
}

describe('verdictOf', () => {
  it.each([
    ['api.example.com:80', 'api HTTP'],
    ['api.example.com:443', 'api HTTPS'],
    ['API.EXAMPLE.COM.:443', 'api HTTPS'],
    // The most specific entry that has the port: the others are not hidden by it.
    ['api.example.com:8443', 'wild TLS'],
    ['www.example.com:443', 'wild HTTPS'],
    ['a.b.example.com:443', 'wild HTTPS'],
    ['x.deep.example.com:443', 'deep HTTPS'],
    ['x.deep.example.com:8443', 'wild TLS'],
    ['deep.example.com:443', 'wild HTTPS'],
    ['xn--bcher-kva.example:443', 'bucher HTTPS'],
    ['10.1.2.3:5432', 'office TCP'],
    ['[::ffff:10.1.2.3]:5432', 'office TCP'],
    ['[2001:db8::77]:5432', 'office TCP'],
    ['office.internal:5432', 'office TCP'],
    ['example.com:443', 'host'],
    ['notexample.com:443', 'host'],
    ['api.example.com.evil.example:443', 'host'],
    ['xn--api-.example.com.evil:443', 'host'],
    ['example.org:443', 'host'],
    ['com:443', 'host'],
    ['api.example.com:8080', 'port'],
    ['api.example.com:22', 'port'],
    ['10.1.2.3:22', 'port'],
    ['10.2.0.1:5432', 'host'],
    ['198.51.100.8:5432', 'host'],
    ['169.254.169.254:80', 'host'],
    ['[::1]:80', 'host'],
    ['2130706433:80', 'malformed'],
  ])('%s: %s', (asked, expected) => expect(verdict(asked)).toBe(expected));

  it('leaves to the networks whom no entry has, where one of them allows', () => {
    expect(verdict('other.example:443', `trafficPolicy: Allow\n${entries}`)).toBe('network');
    expect(verdict('other.example:443', `trafficPolicy: Deny\n${entries}`)).toBe('host');
    expect(verdict('api.example.com:8080', `trafficPolicy: Allow\n${entries}`)).toBe('port');
  });
});

const networks = `
trafficPolicy: Allow
networks:
- {cidr: 0.0.0.0/0, except: [203.0.113.0/24]}
- {cidr: 10.7.0.0/16}
`;
const denying = `---
apiVersion: policy.linkerd.io/v1alpha1
kind: EgressNetwork
metadata: {name: closed}
spec: {trafficPolicy: Deny, networks: [{cidr: 8.8.0.0/16, except: [8.8.4.4]}, {cidr: 10.7.0.0/16}]}
`;

describe('networkDenial', () => {
  it.each([
    ['1.1.1.1', networks, undefined],
    ['203.0.113.1', networks, 'host'],
    ['2606:4700::1', networks, 'host'],
    ['10.7.1.1', networks, undefined],
    ['10.8.1.1', networks, 'private'],
    ['127.0.0.1', networks, 'private'],
    ['169.254.169.254', networks, 'private'],
    ['0.0.0.0', networks, 'private'],
    ['100.64.0.1', networks, 'private'],
    ['8.8.8.8', networks + denying, 'network'],
    ['8.8.4.4', networks + denying, undefined],
    ['10.7.1.1', networks + denying, 'network'],
    ['fd00::1', 'trafficPolicy: Allow', 'host'],
    ['2606:4700::1', 'trafficPolicy: Allow', undefined],
    ['fd00::1', 'trafficPolicy: Allow\nnetworks: [{cidr: "::/0"}]', 'private'],
  ])('%s', (address, rules, reason) =>
    expect(createJudge(rulesOf(rules)).networkDenial(address)?.reason).toBe(reason),
  );
});

describe('addressDenial', () => {
  const [entry] = rulesOf(`
entries:
- hosts: [api.example.com]
  ports: [443]
  resolution: DNS
  addresses: [0.0.0.0/0, "::/0", 10.1.0.0/16, "fd00:1::/32"]
  endpoints: [{address: 127.0.0.1}, {address: b.example}]
`).entries;

  it.each([
    ['93.184.216.34', undefined],
    ['2606:4700::1', undefined],
    ['10.1.2.3', undefined],
    ['127.0.0.1', undefined],
    ['fd00:1::7', undefined],
    ['127.0.0.2', 'private'],
    ['0.0.0.0', 'private'],
    ['10.2.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['169.254.169.254', 'private'],
    ['224.0.0.1', 'private'],
    ['255.255.255.255', 'private'],
    ['::1', 'private'],
    ['::', 'private'],
    ['fe80::1', 'private'],
    ['fd00:ec2::254', 'private'],
    ['::a9fe:a9fe', 'private'],
    ['64:ff9b::a9fe:a9fe', 'private'],
    ['2002:a9fe:a9fe::', 'private'],
    ['::ffff:169.254.169.254', 'private'],
  ])('%s: %s', (address, reason) => {
    if (entry === undefined) throw new Error('no entry');
    expect(addressDenial(entry, address)?.reason).toBe(reason);
  });
});
