import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { referenceCrc } from '../reference.testing.ts';
import { crc32c } from './crc32c.ts';
import { plainCrc32c } from './plain-crc32c.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe.each([
  ['crc32c', crc32c],
  ['plainCrc32c', plainCrc32c],
])('%s', (_, sumOf) => {
  // The first from the catalogue of checksums, the others from RFC 3720, B.4.
  it.each([
    ['123456789', Buffer.from('123456789'), 0xe3069283],
    ['nothing', Buffer.alloc(0), 0],
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['a sequence', Buffer.from(Array.from({ length: 32 }, (__, at) => at)), 0x46dd794e],
  ])('of %s is the known one', (__, bytes, expected) => {
    expect(sumOf(bytes)).toBe(expected);
  });

  it('is kafkajs’s for every length and wherever the bytes lie', () => {
    const all = randomBytes(300);
    for (let start = 0; start < 17; start++)
      for (let end = start; end < all.length; end += 7) {
        const bytes = all.subarray(start, end);
        expect(sumOf(bytes)).toBe(referenceCrc(bytes));
        expect(sumOf(all.subarray(0, end), start)).toBe(referenceCrc(bytes));
      }
  });

  it('is the same for what is summed in several pieces', () => {
    const all = randomBytes(3 * 65_536 + 40);
    const borders = [1_024, 4_096, 8_192, 16_384, 65_536, 65_536 + 8_192, 131_072];
    const sizes = borders.flatMap((border) =>
      [-17, -16, -1, 0, 1, 15, 16, 17].map((by) => border + by),
    );
    for (const size of [...sizes, all.length - 5])
      expect(sumOf(all.subarray(0, size + 5), 5)).toBe(referenceCrc(all.subarray(5, size + 5)));
  });
});

it('is the same where the runtime has no WebAssembly', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  vi.resetModules();
  const { crc32c: without } = await import('./crc32c.ts');
  const bytes = randomBytes(100_000);

  expect(without(bytes)).toBe(referenceCrc(bytes));
});
