import { describe, expect, it } from 'vitest';
import { bareHost, hostPortOf, isHost, shownHostPort } from './host-port.ts';

describe('a host and a port', () => {
  it.each([
    ['redis:6379', { host: 'redis', port: 6379 }],
    ['10.0.0.1:6379', { host: '10.0.0.1', port: 6379 }],
    ['[::1]:6379', { host: '::1', port: 6379 }],
    ['[fe80::1%eth0]:6379', { host: 'fe80::1%eth0', port: 6379 }],
    ['[redis]:6379', { host: 'redis', port: 6379 }],
    [':9090', { host: '', port: 9090 }],
    ['[::]:0', { host: '::', port: 0 }],
  ])('%s is read', (text, expected) => {
    expect(hostPortOf(text)).toEqual(expected);
    expect(hostPortOf(shownHostPort(expected))).toEqual(expected);
  });

  it.each([
    ...['redis', '::1:6379', '[::1]', '[::1', '::1]:1', '[]:1', 'redis:', 'redis:70000', 'redis:x'],
    ...['user:pass@redis:6379', 'redis://redis:6379', 'redis:6379/0', ' redis:1', '[[::1]]:1'],
  ])('%s is not', (text) => {
    expect(hostPortOf(text)).toBeUndefined();
  });
});

describe('a host alone', () => {
  it.each([
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['[fe80::1%eth0]', 'fe80::1%eth0'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['redis', 'redis'],
    ['redis.internal', 'redis.internal'],
    ['10.0.0.1', '10.0.0.1'],
  ])('%s is one', (text, bare) => {
    expect(isHost(text)).toBe(true);
    expect(bareHost(text)).toBe(bare);
  });

  it.each([
    'redis:6379',
    '10.0.0.1:6379',
    '[::1]:6379',
    '[::1',
    '::1]',
    'redis://redis',
    'a b',
    '',
  ])('%s is none', (text) => {
    expect(isHost(text)).toBe(false);
  });
});
