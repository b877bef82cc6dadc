import { describe, expect, it } from 'vitest';
import { readTarget, targetOf, UpstreamPool } from './target.ts';

const manner = { connectTimeout: 1, keepsSlash: false, protocol: '' };

describe('a pool of upstreams', () => {
  const place = () => ({ protocol: 'http:', host: 'a', port: 1, connectTimeout: 1 }) as const;

  it('gives the same object for the same place, over one reload to the next', () => {
    const first = new UpstreamPool();
    const upstream = first.of(place());
    expect(first.of(place())).toBe(upstream);
    const second = new UpstreamPool(first);
    expect(second.of(place())).toBe(upstream);
    expect(new UpstreamPool(second).of(place())).toBe(upstream);
    expect(second.of({ ...place(), port: 2 })).not.toBe(upstream);
  });

  it('forgets a place that a reload did not ask for', () => {
    const first = new UpstreamPool();
    const upstream = first.of(place());
    expect(new UpstreamPool(new UpstreamPool(first)).of(place())).not.toBe(upstream);
  });
});

describe('what an upstream is asked for', () => {
  it.each([
    ['http://a', '/x', '', '/x'],
    ['http://a', '/', '', '/'],
    ['http://a/base', '/x', '', '/base/x'],
    ['http://a/base/', '/x', 'q=1', '/base/x?q=1'],
    ['http://a/base/?own=1', '/x', 'q=1', '/base/x?own=1&q=1'],
    ['http://a/base?own=1', '/', '', '/base/?own=1'],
    ['http://a', '//x//y', '', '/x//y'],
  ])('of %s for %s?%s is %s', (url, path, query, asked) => {
    const target = readTarget(url, manner, new UpstreamPool());
    if (target === undefined) throw new Error('it is an address');
    expect(targetOf(target, path, query)).toBe(asked);
  });

  it('keeps the last slash of its own path where nothing follows and it shall', () => {
    const target = readTarget('http://a/base', { ...manner, keepsSlash: true }, new UpstreamPool());
    expect(target && targetOf(target, '/', '')).toBe('/base');
  });
});
