import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitsPattern } from './match-text.ts';

const runs = fc
  .array(fc.constantFrom('a', 'aa', 'aaaa', 'aaaaaaaaaaaaaaaa', 'b', 'ab', 'aba', 'B'), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) => parts.join(''));

it('finds a text wherever it lies, however much before it is like it', () => {
  fc.assert(
    fc.property(runs, runs, runs, (before, wanted, behind) => {
      const finds = fitsPattern(['', wanted, ''], false);
      for (const text of [before + behind, before + wanted + behind, before + wanted]) {
        const bytes = Buffer.from(`<${text}>`);
        expect(finds(bytes, 1, bytes.length - 1)).toBe(text.includes(wanted));
      }
    }),
    { numRuns: 5000 },
  );
});

it('takes time that grows with the bytes alone', () => {
  const finds = fitsPattern(['', `b${'a'.repeat(5000)}`, ''], true);
  const bytes = Buffer.alloc(2 ** 20, 'a');
  const start = performance.now();

  expect(finds(bytes, 0, bytes.length)).toBe(false);
  // Compared at every place anew, it would take seconds.
  expect(performance.now() - start).toBeLessThan(500);
});
