import { describe, expect, test } from 'vitest';
import { integer, text } from './builders.ts';
import { list } from './collections.ts';
import { parse } from './parse.testing.ts';

const doc = 'Something.';

describe('options without effect', () => {
  const options = {
    buckets: text({ doc, default: '', withoutEffect: 'the reference ignores it' }),
    pool: integer({ doc, default: 0, withoutEffect: 'one connection is enough', isQuiet: true }),
    prefixes: list(text({ doc }), { doc, default: [], withoutEffect: 'nothing is left out' }),
  };

  test('are a warning when given', () => {
    expect(parse(options, { buckets: 'x' }).warnings).toEqual([
      'pump.conf: pumps.x.meta.buckets: found text, expected it left out, for it has no effect here: the reference ignores it',
    ]);
  });

  test('are a note when quiet', () => {
    const { warnings, notes } = parse(options, { pool: 3 });
    expect(warnings).toEqual([]);
    expect(notes).toEqual([
      {
        source: 'pump.conf',
        key: 'pumps.x.meta.pool',
        text: 'has no effect here: one connection is enough',
      },
    ]);
  });

  test('are nothing when they say what holds anyway', () => {
    expect(parse(options, { pool: 0, buckets: '', prefixes: [] })).toMatchObject({
      warnings: [],
      notes: [],
    });
  });
});
