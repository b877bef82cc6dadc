import { expect, it } from 'vitest';
import { murmurHash } from './record-hash.ts';

// The values of the reference implementation.
it.each([
  ['', '0000000000000000'],
  ['hello', 'cbd8a7b341bd9b02'],
  ['hello, world', '342fac623a5ebc8e'],
  ['19 Jan 2038 at 3:14:07 AM', 'b89e5988b737affc'],
  ['The quick brown fox jumps over the lazy dog.', 'cd99481f9ee902c9'],
])('hashes %j as MurmurHash3 does', (text, hash) => {
  expect(Buffer.from(murmurHash(Buffer.from(text))).toString('hex')).toBe(hash);
});

it('hashes a view into a larger buffer like a copy of it', () => {
  const whole = Buffer.from('....The quick brown fox');

  expect(murmurHash(whole.subarray(4))).toEqual(murmurHash(Buffer.from('The quick brown fox')));
});
