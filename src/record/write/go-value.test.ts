import { expect, it } from 'vitest';
import { ByteWriter } from '../../lib/byte-writer.ts';
import { goTextWriter } from '../go-text/write.ts';
import { aRecord } from '../testing.ts';
import { goFloat } from './go-value.ts';

// Taken from Go's fmt.Println.
it.each([
  [1, '1'],
  [52.5, '52.5'],
  [100_000, '100000'],
  [1_000_000, '1e+06'],
  [123_456_789, '1.23456789e+08'],
  [1_234_567.5, '1.2345675e+06'],
  [1e21, '1e+21'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1.5e-7, '1.5e-07'],
  [-77.03, '-77.03'],
  [1e100, '1e+100'],
  [Number.NaN, 'NaN'],
  [Infinity, '+Inf'],
])('%d is %s', (value, expected) => {
  expect(goFloat(value)).toBe(expected);
});

it('prints the lists and maps of a GraphQL record', () => {
  const out = new ByteWriter();
  const record = aRecord({
    graphql_stats: {
      Types: { b: null, a: ['x', 'y'] },
      Errors: [
        { message: 'boom', path: ['a', 1, -1, null, true, 1.5, ['x', null]] },
        { message: 'n', path: null },
      ],
    },
  });

  goTextWriter()(record, out);

  expect(out.view().toString()).toContain(
    '{ [] map[a:[x y] b:[]] [{boom [a 1 -1 <nil> true 1.5 [x <nil>]]} {n []}] 0 false false}',
  );
});
