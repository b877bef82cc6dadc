import { expect, it } from 'vitest';
import { murmur32, murmur128 } from './murmur3.ts';

// The values of the reference implementation.
it.each([
  ['', '00000000', '00000000000000000000000000000000'],
  ['hello', '248bfa47', 'cbd8a7b341bd9b025b1e906a48ae1d19'],
  ['hello, world', '149bbb7f', '342fac623a5ebc8e4cdcbc079642414d'],
  ['19 Jan 2038 at 3:14:07 AM', 'e31e8a70', 'b89e5988b737affc664fc2950231b2cb'],
  ['The quick brown fox jumps over the lazy dog.', 'd5c48bfc', 'cd99481f9ee902c9695da1a38987b6e7'],
])('hashes %j as MurmurHash3 does', (text, of32, of128) => {
  expect(Buffer.from(murmur32(Buffer.from(text))).toString('hex')).toBe(of32);
  expect(Buffer.from(murmur128(Buffer.from(text))).toString('hex')).toBe(of128);
});

it('hashes a view into a larger buffer like a copy of it', () => {
  const whole = Buffer.from('....The quick brown fox');

  expect(murmur128(whole.subarray(4))).toEqual(murmur128(Buffer.from('The quick brown fox')));
});
