import { expect, test } from 'vitest';
import { ForeignLayout, foreignLayoutOf } from './layout.ts';

const said = (found: string) => foreignLayoutOf(`LAYOUT ${found} (HGET {K}:state)`)?.message;

test('a newer layout is said with its number and with what this version knows', () => {
  expect(said('999')).toBe(
    'its layout is 999, of a newer version of Sluice; this one knows 1 and touches nothing of the list (HGET {K}:state)',
  );
});

test.each(['', '0', '-2', '1.0', '01', 'two', ') (HGET x)', '9'.repeat(20)])(
  'a layout of "%s" is one that no version writes',
  (found) => {
    expect(said(found)).toMatch(/^its layout is ".*", which no version of Sluice writes;/);
  },
);

test('it counts as an answer of Redis, as which it came', () => {
  expect(foreignLayoutOf('LAYOUT 2 (HGET {K}:state)')).toBeInstanceOf(ForeignLayout);
  expect(foreignLayoutOf('LAYOUT 2 (HGET {K}:state)')?.name).toBe('ReplyError');
});

test('another reason is another error', () => {
  expect(foreignLayoutOf('WRONGTYPE Operation (HGET {K}:state)')).toBeUndefined();
});
