import { describe, expect, it } from 'vitest';
import { canonicalAddress, hostOfServerName, readAuthority } from './authority.ts';

const read = (text: string): string => {
  const found = readAuthority(text);
  if (!found.ok) return `refused: ${found.words}`;
  const { host, isAddress, port } = found.authority;
  return `${isAddress ? 'address' : 'name'} ${host} ${port ?? '-'}`;
};

describe('readAuthority', () => {
  it.each([
    ['api.example.com', 'name api.example.com -'],
    ['api.example.com:8443', 'name api.example.com 8443'],
    ['API.Example.COM', 'name api.example.com -'],
    ['api.example.com.', 'name api.example.com -'],
    ['api.example.com.:443', 'name api.example.com 443'],
    ['xn--bcher-kva.example', 'name xn--bcher-kva.example -'],
    ['XN--BCHER-KVA.example', 'name xn--bcher-kva.example -'],
    ['_service.example', 'name _service.example -'],
    ['localhost', 'name localhost -'],
    ['1.example', 'name 1.example -'],
    ['0x7f.example', 'name 0x7f.example -'],
    ['192.0.2.7', 'address 192.0.2.7 -'],
    ['192.0.2.7:80', 'address 192.0.2.7 80'],
    ['[2001:DB8::1]', 'address 2001:db8::1 -'],
    ['[2001:db8:0:0:0:0:0:1]:443', 'address 2001:db8::1 443'],
    ['[::1]:80', 'address ::1 80'],
    ['[::ffff:127.0.0.1]', 'address 127.0.0.1 -'],
    ['[::FFFF:7f00:1]', 'address 127.0.0.1 -'],
    ['[0:0:0:0:0:ffff:a9fe:a9fe]:80', 'address 169.254.169.254 80'],
  ])('%s: %s', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    ['', 'no host is named'],
    ['.', 'no host is named'],
    [':80', 'no host is named'],
    ['user@api.example.com', 'user stands before'],
    ['api.example.com@evil.example', 'user stands before'],
    ['user:pass@api.example.com:80', 'user stands before'],
    ['api.example.com:80@evil.example', 'user stands before'],
    ['api.example.com ', 'characters that no host has'],
    [' api.example.com', 'characters that no host has'],
    ['api.example.com\t', 'characters that no host has'],
    ['api.example.com\0.evil.example', 'characters that no host has'],
    ['bücher.example', 'characters that no host has'],
    ['api。example', 'characters that no host has'],
    ['аpi.example.com', 'characters that no host has'],
    ['api.example.com/', 'no name and no address'],
    ['api.example.com#.evil.example', 'no name and no address'],
    ['api.example.com?x', 'no name and no address'],
    ['api.example.com\\evil', 'no name and no address'],
    ['api.example.com,evil.example', 'no name and no address'],
    ['api%2eexample.com', 'no name and no address'],
    ['*.example.com', 'no name and no address'],
    ['api..example.com', 'no name and no address'],
    ['.example.com', 'no name and no address'],
    ['api.example.com..', 'no name and no address'],
    [`${'a'.repeat(64)}.example`, 'no name and no address'],
    [`${'a.'.repeat(127)}example`, 'longer than 253'],
    ['api.example.com:', 'port is no number'],
    ['api.example.com:0', 'port is no number'],
    ['api.example.com:080', 'port is no number'],
    ['api.example.com:65536', 'port is no number'],
    ['api.example.com:443:80', 'port is no number'],
    ['api.example.com:+80', 'port is no number'],
    ['api.example.com:80a', 'port is no number'],
    ['127.1', 'written in another way'],
    ['127.0.1', 'written in another way'],
    ['2130706433', 'written in another way'],
    ['0x7f000001', 'written in another way'],
    ['0X7F.0.0.1', 'written in another way'],
    ['0x7f.1', 'written in another way'],
    ['017700000001', 'written in another way'],
    ['0177.0.0.1', 'written in another way'],
    ['127.000.000.001', 'written in another way'],
    ['127.0.0.1.', 'written in another way'],
    ['256.0.0.1', 'written in another way'],
    ['1.2.3.4.5', 'written in another way'],
    ['0x', 'written in another way'],
    ['169.254.43518', 'written in another way'],
    ['2852039166:80', 'written in another way'],
    ['evil.example.1', 'written in another way'],
    ['::1', 'port is no number'],
    ['2001:db8::1', 'port is no number'],
    ['[fe80::1%eth0]', 'names a zone'],
    ['[fe80::1%25eth0]:80', 'names a zone'],
    ['[::1', 'no name and no address'],
    ['[::1]80', 'no name and no address'],
    ['[127.0.0.1]', 'no address of version 6'],
    ['[]', 'no address of version 6'],
    ['[v1.x]', 'no address of version 6'],
    ['[::1].example.com', 'no name and no address'],
    ['[[::1]]', 'no name and no address'],
  ])('refuses %j', (text, words) => expect(read(text)).toContain(words));
});

describe('hostOfServerName', () => {
  it.each([
    ['API.example.com', 'api.example.com'],
    ['api.example.com.', 'api.example.com'],
    ['192.0.2.7', undefined],
    ['127.1', undefined],
    ['a b', undefined],
    ['', undefined],
  ])('%j: %j', (text, expected) => expect(hostOfServerName(text)).toBe(expected));
});

describe('canonicalAddress', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['FE80:0::1', 'fe80::1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::10.0.0.1', '::a00:1'],
  ])('%s: %s', (text, expected) => expect(canonicalAddress(text)).toBe(expected));
});
