import { expect, test } from 'vitest';
import { Slab } from './slab.ts';

test('copies stay what they were, share memory while it lasts, and large ones have their own', () => {
  const slab = new Slab(64);
  const source = Buffer.from('0123456789');
  const copies = Array.from({ length: 20 }, (_, index) => {
    source[0] = 65 + index;
    return slab.copy(source);
  });
  expect(copies.map((copy) => copy.toString())).toEqual(
    copies.map((_, index) => `${String.fromCharCode(65 + index)}123456789`),
  );
  expect(new Set(copies.map(({ buffer }) => buffer)).size).toBe(4);
  const large = slab.copy(Buffer.alloc(17, 'x'));
  expect(large.toString()).toBe('x'.repeat(17));
  expect(copies.some(({ buffer }) => buffer === large.buffer)).toBe(false);
});
