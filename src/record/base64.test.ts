import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBase64 } from './base64.ts';

// Taken from Go's base64.StdEncoding.DecodeString.
it.each([
  ['', '', true],
  ['QUJD', 'ABC', true],
  ['QUJDRA==', 'ABCD', true],
  ['QUJDRA=', 'ABC', false],
  ['QUJDRA', 'ABC', false],
  ['QUJDR', 'ABC', false],
  ['QQ==QQ==', 'A', false],
  ['QUJD\nRA==\r\n', 'ABCD', true],
  ['QUJD!RA==', 'ABC', false],
  ['QUJD====', 'ABC', false],
  ['QU=D', '', false],
  ['QQ=Q', '', false],
  ['QQ==x', 'A', false],
  ['QUI=\n', 'AB', true],
  ['QUI=x', 'AB', false],
  ['=', '', false],
  ['Q', '', false],
  ['QUJDQUJDQUJD?', 'ABCABCABC', false],
  ['QR==', 'A', true],
])('%j decodes as in Go', (text, expected, isComplete) => {
  const source = Buffer.from(`<${text}>`);

  const result = decodeBase64(source, 1, source.length - 1);

  expect(result.bytes.toString()).toBe(expected);
  expect(result.isComplete).toBe(isComplete);
});

const pieces = fc.constantFrom(
  ...['A', 'Q', 'z', '9', '+', '/', 'QUJD', 'QUJDQUJD', 'QQ==', 'QUI=', '=', '==', '-', '_', '!'],
  ...[' ', '\u0000', 'é', '\n'],
);

it('gives the same whichever way it takes', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (some) => {
      const text = some.join('');
      // A line end changes nothing in Go, and keeps the runtime's decoder out.
      const [plain, slow] = [Buffer.from(text), Buffer.from(`\n${text}`)];

      expect(decodeBase64(plain, 0, plain.length)).toEqual(decodeBase64(slow, 0, slow.length));
    }),
    { numRuns: 3000 },
  );
});
