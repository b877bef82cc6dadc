import { describe, expect, it } from 'vitest';
import { RegionPool } from './region-pool.ts';

const kibibyte = 1024;

describe('a pool of regions', () => {
  it('gives a region again that was given back, and none that was not', () => {
    const pool = new RegionPool();
    const [one, other] = [pool.take(500 * kibibyte), pool.take(500 * kibibyte)];
    expect(other).not.toBe(one);

    pool.give(one);

    expect(pool.take(500 * kibibyte)).toBe(one);
    expect(pool.take(500 * kibibyte)).not.toBe(one);
  });

  it('gives buffers of their own, large enough, of sizes that fit into each other', () => {
    const pool = new RegionPool();
    for (const size of [1, 4096, 4097, 100_000, 520_000, 3_000_000]) {
      const region = pool.take(size);
      expect(region.byteOffset).toBe(0);
      expect(region.length).toBeGreaterThanOrEqual(size);
      expect(region.length).toBeLessThanOrEqual(Math.max(4096, size * 1.125));
      pool.give(region);
      expect(pool.take(Math.ceil(size * 0.99))).toBe(region);
    }
  });

  it('holds no large region for a small size', () => {
    const pool = new RegionPool();
    const large = pool.take(1000 * kibibyte);
    pool.give(large);

    expect(pool.take(10 * kibibyte)).not.toBe(large);
    expect(pool.take(600 * kibibyte)).toBe(large);
  });

  it('keeps no more than a bound that may change, those given last', () => {
    let most = 16 * 1024 * kibibyte;
    const pool = new RegionPool({ most: () => most });
    const regions = Array.from({ length: 30 }, () => pool.take(1024 * kibibyte));
    for (const region of regions) pool.give(region);

    const again = Array.from({ length: 30 }, () => pool.take(1024 * kibibyte));
    // Compared one by one: a failure would print them all.
    const isKnown = again.map((region) => regions.includes(region));
    expect(isKnown.filter(Boolean).length).toBe(16);
    expect(again[0] === regions.at(-1)).toBe(true);
    const huge = pool.take(40 * 1024 * kibibyte);
    pool.give(huge);
    expect(pool.take(40 * 1024 * kibibyte) === huge).toBe(false);

    most = 64 * 1024 * kibibyte;
    pool.give(huge);
    expect(pool.take(40 * 1024 * kibibyte) === huge).toBe(true);
  });

  it('shows each region that is free', () => {
    const given: Buffer[] = [];
    const pool = new RegionPool({ given: (region) => given.push(region) });
    const region = pool.take(10_000);

    pool.give(region);

    expect(given).toEqual([region]);
  });
});
