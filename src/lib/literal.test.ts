import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteWriter } from './byte-writer.ts';
import { literalOf } from './literal.ts';

it('a literal is written like the text it was made of, whatever comes before and after', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 8 }),
      fc.nat(16),
      (texts, capacity) => {
        const out = new ByteWriter(capacity);
        for (const text of texts) {
          out.literal(literalOf(text));
          out.ascii('|');
        }

        expect(out.view().toString()).toBe(texts.map((text) => `${text}|`).join(''));
      },
    ),
  );
});
