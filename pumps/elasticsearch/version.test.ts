import { describe, expect, it } from 'vitest';
import { answeredDialect, hasTypes, statedDialect } from './version.ts';

describe('the version', () => {
  it.each([
    ['3', true],
    ['5', true],
    ['6', true],
    ['7', false],
    ['8', false],
    ['9', false],
    ['opensearch', false],
  ] as const)('%s has types: %s', (version, has) => {
    const dialect = statedDialect(version);

    expect(dialect !== undefined && hasTypes(dialect)).toBe(has);
  });

  it.each(['auto', ''] as const)('is asked for with %j', (version) => {
    expect(statedDialect(version)).toBeUndefined();
  });

  it.each([
    [{ number: '2.4.6' }, { product: 'elasticsearch', major: 2, minor: 4 }],
    [{ number: '7.17.29' }, { product: 'elasticsearch', major: 7, minor: 17 }],
    [{ number: '9.1.0-SNAPSHOT' }, { product: 'elasticsearch', major: 9, minor: 1 }],
    [
      { number: '2.19.1', distribution: 'opensearch' },
      { product: 'opensearch', major: 2, minor: 19 },
    ],
  ])('is found in %j', (version, dialect) => {
    expect(answeredDialect({ version })).toEqual(dialect);
  });

  it.each([undefined, null, '<html>', {}, { version: {} }, { version: { number: 8 } }])(
    'is not found in %j',
    (body) => {
      expect(answeredDialect(body)).toBeUndefined();
    },
  );
});
