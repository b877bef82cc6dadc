import { describe, expect, test } from 'vitest';
import { choice, flag, integer, number, text } from './builders.ts';
import { list, map } from './collections.ts';
import { parse } from './parse.testing.ts';

const doc = 'Something.';

describe('the environment', () => {
  const options = {
    topic: text({ doc, default: 'file' }),
    use_ssl: flag({ doc, default: false }),
    timeout: integer({ doc, default: 0 }),
    ratio: number({ doc, default: 0 }),
    broker: list(text({ doc }), { doc, default: [] }),
    codes: list(integer({ doc }), { doc, default: [] }),
    meta_data: map({ doc, default: {}, env: 'METADATA' }),
    level: choice(['low', 'high'], { doc, default: 'low' }),
    quiet: text({ doc, default: '', env: false }),
  };

  test.each<[Record<string, string>, Record<string, unknown>]>([
    [{ X_META_TOPIC: 't' }, { topic: 't' }],
    [{ X_META_TOPIC: '' }, { topic: '' }],
    [{ X_META_USESSL: 'T' }, { use_ssl: true }],
    [{ X_META_USESSL: '0' }, { use_ssl: false }],
    [{ X_META_TIMEOUT: '0x10' }, { timeout: 16 }],
    [{ X_META_TIMEOUT: '017' }, { timeout: 15 }],
    [{ X_META_TIMEOUT: '1_000' }, { timeout: 1000 }],
    [{ X_META_RATIO: '1.5' }, { ratio: 1.5 }],
    [{ X_META_BROKER: 'a:1, b:2' }, { broker: ['a:1', ' b:2'] }],
    [{ X_META_BROKER: '' }, { broker: [] }],
    [{ X_META_CODES: '200,404' }, { codes: [200, 404] }],
    [{ X_META_METADATA: 'k:v:w,l:' }, { meta_data: { k: 'v:w', l: '' } }],
    [{ X_META_LEVEL: 'high' }, { level: 'high' }],
    [{ X_META_QUIET: 'never read' }, {}],
    [{ x_meta_topic: 'names are matched exactly' }, {}],
  ])('%j beats the file', (env, set) => {
    const raw = { topic: 'file', broker: ['x'], meta_data: { k: 'file' }, timeout: 9 };
    const { value, errors } = parse(options, raw, { env });
    expect(errors).toEqual([]);
    expect(value).toEqual({ ...parse(options, raw).value, ...set });
  });

  test.each([
    [{ X_META_USESSL: 'yes' }, 'X_META_USESSL: found text, expected true or false'],
    [{ X_META_TIMEOUT: '5s' }, 'X_META_TIMEOUT: found text, expected an integer'],
    [
      { X_META_CODES: '200,x' },
      'X_META_CODES: found text, expected a list, each element an integer',
    ],
    [{ X_META_METADATA: 'k' }, 'X_META_METADATA: found text, expected a map as key:value'],
    [{ X_META_LEVEL: 'medium' }, 'X_META_LEVEL: found text, expected one of "low", "high"'],
  ])('what cannot be read is an error: %j', (env, message) => {
    const { value, errors } = parse(options, { use_ssl: true, timeout: 3 }, { env });
    expect(value).toBeUndefined();
    expect(errors).toEqual([expect.stringContaining(`environment: ${message}`)]);
  });

  test('every variable that cannot be read is named', () => {
    const env = {
      X_META_TOPIC: 'read',
      X_META_TIMEOUT: 'soon',
      X_META_RATIO: '2',
      X_META_CODES: 'x',
    };
    expect(parse(options, {}, { env }).errors).toEqual([
      expect.stringContaining('X_META_TIMEOUT'),
      expect.stringContaining('X_META_CODES'),
    ]);
  });

  test('an empty text that its option cannot be says nothing, with a note', () => {
    const env = { X_META_USESSL: '', X_META_TIMEOUT: '', X_META_LEVEL: '' };
    const raw = { use_ssl: true, ratio: '', broker: '', level: 'high' };
    const { value, errors, notes } = parse(options, raw, { env });
    expect(errors).toEqual([]);
    expect(value).toEqual(parse(options, { use_ssl: true, level: 'high' }).value);
    expect(notes.map(({ key }) => key)).toEqual([
      'X_META_USESSL',
      'X_META_TIMEOUT',
      'X_META_LEVEL',
      'pumps.x.meta.ratio',
      'pumps.x.meta.broker',
    ]);
  });

  test('a bad value in the file is an error also under a good variable', () => {
    const { errors } = parse(options, { timeout: 'x' }, { env: { X_META_TIMEOUT: '3' } });
    expect(errors).toEqual([expect.stringContaining('pumps.x.meta.timeout: found text')]);
  });

  test('a variable that no option reads is a warning with the nearest name', () => {
    expect(parse(options, {}, { env: { X_META_TOPIK: 'a', X_METADATA: 'b' } }).warnings).toEqual([
      'environment: X_META_TOPIK: found text, expected a known variable; did you mean "X_META_TOPIC"?',
    ]);
  });

  test('without a prefix no variable is read', () => {
    expect(
      parse(options, {}, { env: { _TOPIC: 'a', TOPIC: 'b' }, envPrefix: '' }).value?.topic,
    ).toBe('file');
  });

  test('a variable whose secret could not be resolved is an error', () => {
    const unresolved = new Map([['X_META_TOPIC', 'a secret in the store "vault"']]);
    const env = { X_META_TOPIC: 'kv://vault/x' };
    expect(parse(options, {}, { env, unresolved }).errors).toEqual([
      'environment: X_META_TOPIC: found text, expected a secret in the store "vault"',
    ]);
  });
});
