import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { referenceCrc } from '../reference.testing.ts';
import { crc32c } from './crc32c.ts';

// The first from the catalogue of checksums, the others from RFC 3720, B.4.
it.each([
  ['123456789', Buffer.from('123456789'), 0xe3069283],
  ['nothing', Buffer.alloc(0), 0],
  ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['a sequence', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e],
])('of %s is the known one', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

it('is kafkajs’s for every length and wherever the bytes lie', () => {
  const all = randomBytes(300);
  for (let start = 0; start < 17; start++)
    for (let end = start; end < all.length; end += 7) {
      const bytes = all.subarray(start, end);
      expect(crc32c(bytes)).toBe(referenceCrc(bytes));
      expect(crc32c(all.subarray(0, end), start)).toBe(referenceCrc(bytes));
    }
});

it('is the same for what is summed in several pieces', () => {
  const all = randomBytes(3 * 4_096 + 40);
  for (const size of [4_095, 4_096, 4_111, 4_112, 4_113, 8_192, 8_200, all.length - 5])
    expect(crc32c(all.subarray(0, size + 5), 5)).toBe(referenceCrc(all.subarray(5, size + 5)));
});
