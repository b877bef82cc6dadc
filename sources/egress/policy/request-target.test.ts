import { describe, expect, it } from 'vitest';
import { readConnectTarget, readRequestTarget } from './request-target.ts';

const read = (
  target: string,
  hosts: readonly string[] = [],
  { authority, pseudo }: { authority?: { host: string; port: number }; pseudo?: string } = {},
): string => {
  const found = readRequestTarget(
    {
      target,
      host: pseudo ?? hosts[0] ?? '',
      rawHeaders: ['Accept', '*/*', ...hosts.flatMap((host) => ['hOST', host])],
      connection: { authority },
    },
    80,
  );
  if (!found.ok) return `${found.denial.reason}: ${found.denial.words}`;
  const { scheme, host, port, path } = found.target;
  return `${scheme} ${host} ${port} ${path}`;
};

describe('readRequestTarget', () => {
  it.each([
    ['/', ['api.example.com'], 'http api.example.com 80 /'],
    [
      '/a?b=http://evil.example/',
      ['API.example.com.:8080'],
      'http api.example.com 8080 /a?b=http://evil.example/',
    ],
    ['//evil.example/x', ['api.example.com'], 'http api.example.com 80 //evil.example/x'],
    ['*', ['api.example.com'], 'http api.example.com 80 *'],
    ['http://api.example.com/a?b', ['api.example.com'], 'http api.example.com 80 /a?b'],
    ['HTTP://API.example.com', [], 'http api.example.com 80 /'],
    ['http://api.example.com?b', ['api.example.com:80'], 'http api.example.com 80 /?b'],
    ['https://api.example.com/', ['api.example.com'], 'https api.example.com 443 /'],
    ['https://api.example.com:8443/', ['api.example.com:8443'], 'https api.example.com 8443 /'],
    ['http://[2001:db8::1]:81/', ['[2001:DB8:0::1]:81'], 'http 2001:db8::1 81 /'],
  ] as const)('%s with Host %j: %s', (target, hosts, expected) =>
    expect(read(target, hosts)).toBe(expected),
  );

  it.each([
    ['/', [], 'malformed: the request names no host'],
    ['/', ['a.example', 'b.example'], 'malformed: the request has several Host headers'],
    ['/', ['a.example', 'a.example'], 'malformed: the request has several Host headers'],
    [
      'http://a.example/',
      ['a.example', 'a.example'],
      'malformed: the request has several Host headers',
    ],
    ['/', ['a.example, b.example'], 'malformed'],
    ['/', ['user@a.example'], 'malformed: a user'],
    ['/', [''], 'malformed'],
    ['/', ['127.1'], 'malformed: an address of version 4 is written'],
    ['a.example:80', ['a.example'], 'malformed: the target'],
    ['ftp://a.example/', ['a.example'], 'malformed: the target'],
    ['file:///etc/passwd', ['a.example'], 'malformed: the target'],
    ['http:/a.example/', ['a.example'], 'malformed: the target'],
    ['http:///a.example/', ['a.example'], 'malformed: no host'],
    ['', ['a.example'], 'malformed: the target'],
    ['/x#y', ['a.example'], 'malformed: the target of the request has a fragment'],
    ['http://a.example#@b.example/', ['a.example'], 'malformed'],
    ['http://user:pass@a.example/', ['a.example'], 'malformed: a user'],
    ['http://a.example\\@b.example/', ['b.example'], 'malformed'],
    ['http://a.example/', ['b.example'], 'host_mismatch'],
    ['http://a.example/', ['a.example:81'], 'host_mismatch'],
    ['http://a.example:81/', ['a.example:80'], 'host_mismatch'],
    ['http://a.example/', ['a.example.evil'], 'host_mismatch'],
    ['http://a.example/', ['a.example/'], 'malformed: in the Host header'],
    ['http://127.0.0.1/', ['2130706433'], 'malformed: in the Host header'],
  ] as const)('refuses %j with Host %j: %s', (target, hosts, words) =>
    expect(read(target, hosts)).toContain(words),
  );

  it('holds a Host header of HTTP/2 to its :authority', () => {
    expect(read('/', [], { pseudo: 'a.example' })).toBe('http a.example 80 /');
    expect(read('/', ['a.example'], { pseudo: 'a.example' })).toBe('http a.example 80 /');
    expect(read('/', ['b.example'], { pseudo: 'a.example' })).toContain('several Host headers');
  });

  const authority = { host: 'a.example', port: 8080 };

  it.each([
    ['/', ['a.example:8080'], 'http a.example 8080 /'],
    ['/', ['a.example'], 'http a.example 8080 /'],
    ['/', ['b.example:8080'], 'host_mismatch: the request is for another host'],
    ['/', ['a.example:80'], 'host_mismatch: the request is for another host'],
    ['http://b.example:8080/', ['b.example:8080'], 'host_mismatch'],
    ['http://a.example/', ['a.example'], 'host_mismatch'],
  ] as const)('within a CONNECT to a.example:8080, %s with Host %j: %s', (target, hosts, words) =>
    expect(read(target, hosts, { authority })).toContain(words),
  );
});

describe('readConnectTarget', () => {
  const connect = (target: string, hosts: readonly string[] = []): string => {
    const found = readConnectTarget({
      target,
      rawHeaders: hosts.flatMap((host) => ['Host', host]),
    });
    return found.ok ? `${found.asked.host} ${found.asked.port}` : found.denial.reason;
  };

  it.each([
    ['a.example:443', [], 'a.example 443'],
    ['A.example.:443', ['a.example:443'], 'a.example 443'],
    ['a.example:443', ['a.example'], 'a.example 443'],
    ['[::ffff:1.2.3.4]:443', ['1.2.3.4:443'], '1.2.3.4 443'],
    ['a.example', [], 'malformed'],
    ['https://a.example:443', [], 'malformed'],
    ['/a.example:443', [], 'malformed'],
    ['user@a.example:443', [], 'malformed'],
    ['0x7f.1:443', [], 'malformed'],
    ['a.example:443', ['b.example:443'], 'host_mismatch'],
    ['a.example:443', ['a.example:80'], 'host_mismatch'],
    ['a.example:443', ['a.example:443', 'b.example:443'], 'malformed'],
  ] as const)('%s with Host %j: %s', (target, hosts, expected) =>
    expect(connect(target, hosts)).toBe(expected),
  );
});
