import { describe, expect, test } from 'vitest';
import { formatProblem } from '../problem.ts';
import { integer, text } from './builders.ts';
import { parseMeta } from './parse.ts';

const options = {
  mongo_url: text({ doc: 'Something.', default: '' }),
  db_type: integer({ doc: 'Something.', default: 0, env: 'DB_TYPE', bareEnv: 'DB_TYPE' }),
};

function parse(env: Record<string, string>, legacyPrefix?: string) {
  const source = { raw: {}, source: 'f', key: 'k', env, envPrefix: 'X_META' };
  const { value, problems } = parseMeta(options, source, legacyPrefix);
  return { value, problems: problems.map(formatProblem) };
}

describe('variables of older names', () => {
  test('win, and are warned of with their new name', () => {
    expect(parse({ X_META_MONGOURL: 'new', PMP_X_MONGOURL: 'old' }, 'PMP_X')).toEqual({
      value: { mongo_url: 'old', db_type: 0 },
      problems: [expect.stringMatching(/PMP_X_MONGOURL: .*"X_META_MONGOURL"/)],
    });
  });

  test('are nothing to a pump that never had them', () => {
    expect(parse({ PMP_X_MONGOURL: 'old' })).toEqual({
      value: { mongo_url: '', db_type: 0 },
      problems: [],
    });
  });

  test('are errors where they cannot be read', () => {
    expect(parse({ PMP_X_DB_TYPE: 'two' }, 'PMP_X').value).toBeUndefined();
  });
});

describe('a variable without a prefix', () => {
  test.each([
    [{ DB_TYPE: '1' }, 1],
    [{ DB_TYPE: '1', X_META_DB_TYPE: '2' }, 2],
    [{ X_META_DB_TYPE: '2' }, 2],
  ])('counts where none with one is there: %j', (env, db_type) => {
    expect(parse(env)).toEqual({ value: { mongo_url: '', db_type }, problems: [] });
  });
});
