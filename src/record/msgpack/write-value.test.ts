import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../lib/byte-writer.ts';
import { putInteger, putText } from './write-value.ts';

const written = (write: (out: ByteWriter) => void): Buffer => {
  const out = new ByteWriter(1);
  write(out);
  return Buffer.from(out.view());
};

test('a number is the same bytes whether it is large or not', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(written((out) => putInteger(out, value))).toEqual(
        written((out) => putInteger(out, BigInt(value))),
      );
    }),
  );
  for (const value of [0, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000])
    expect(written((out) => putInteger(out, value))).toEqual(
      written((out) => putInteger(out, BigInt(value))),
    );
});

test('a text is the same bytes whether it is short or not, ASCII or not, a text or its bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (value) => {
      const bytes = written((out) => putText(out, Buffer.from(value)));
      expect(written((out) => putText(out, value))).toEqual(bytes);
    }),
  );
});
