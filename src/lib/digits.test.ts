import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteWriter } from './byte-writer.ts';

const edges = Array.from({ length: 17 }, (_, digits) => 10 ** digits).flatMap((ten) => [
  ten - 1,
  ten,
  ten + 1,
]);

it('a whole number is written like its text, whatever comes before and after', () => {
  const numbers = fc.oneof(
    fc.constantFrom(...edges, -1, 2 ** 31, 1e21),
    fc.nat({ max: 2_000 }),
    fc.maxSafeInteger(),
  );
  fc.assert(
    fc.property(fc.array(numbers, { maxLength: 8 }), fc.nat(16), (values, capacity) => {
      const out = new ByteWriter(capacity);
      for (const value of values) {
        out.integer(value);
        out.ascii('|');
      }

      expect(out.view().toString()).toBe(values.map((value) => `${value}|`).join(''));
    }),
  );
});
