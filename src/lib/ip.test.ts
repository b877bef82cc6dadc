import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { readAddress } from './ip.ts';

function read(text: string): readonly number[] {
  const bytes = Buffer.from(`<${text}>`);
  const octets = new Uint8Array(16).fill(7);
  const size = readAddress(bytes, 1, bytes.length - 1, octets);
  return [...octets.subarray(0, size)];
}

test.each([
  ['10.0.0.255', [10, 0, 0, 255]],
  ['::ffff:10.0.0.1', [10, 0, 0, 1]],
  ['::ffff:a00:1', [10, 0, 0, 1]],
  ['::', Array.from({ length: 16 }, () => 0)],
  ['1::2', [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]],
  ['1:2:3:4:5:6:7::', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]],
  ['fe80::1%eth0', [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
])('%s is %j', (text, octets) => {
  expect(read(text)).toEqual(octets);
});

const parts = fc.constantFrom(
  ...[
    ':',
    '::',
    '.',
    '0',
    '1',
    '01',
    '255',
    '256',
    'ffff',
    'F00',
    '12345',
    'g',
    '%',
    '%e',
    '/',
    ' ',
  ],
  ...['1.2.3.4', '::ffff:', '1:2:3:4:5:6:7'],
);

it('takes for an address what Node takes for one', () => {
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 12 }), (some) => {
      const text = some.join('');
      // What a zone may be called, they do not agree on.
      fc.pre(/^[^%]*(?:%\w*)?$/.test(text));
      expect(read(text).length > 0).toBe(isIP(text) !== 0);
    }),
    { numRuns: 5000 },
  );
});
