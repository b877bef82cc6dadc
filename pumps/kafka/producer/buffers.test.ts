import { expect, it } from 'vitest';
import { Buffers } from './buffers.ts';

it('hands out again what was given back, once, where it is large enough', () => {
  const buffers = new Buffers();
  const first = buffers.take(100_000);
  buffers.give(first);

  const larger = buffers.take(first.length + 1);
  const again = buffers.take(100_000);
  const another = buffers.take(100_000);

  expect(larger.length).toBeGreaterThan(first.length);
  expect(again).toBe(first);
  expect(another).not.toBe(first);
});

it('keeps no more than a few', () => {
  const buffers = new Buffers();
  const huge = buffers.take(32 * 1024 ** 2);
  buffers.give(huge);

  expect(buffers.take(1_000)).not.toBe(huge);
});
