import { describe, expect, test } from 'vitest';
import { Secret } from '../../lib/secret.ts';
import { choice, flag, integer, number, optional, port, secret, text } from './builders.ts';
import { list, map, secretMap } from './collections.ts';
import { duration, size } from './measures.ts';
import { parse } from './parse.testing.ts';

const doc = 'Something.';

describe('the file', () => {
  const options = {
    url: text({ doc, default: 'http://localhost', aliases: ['address'] }),
    port: port({ doc, default: 8125 }),
    is_on: flag({ doc, default: false }),
    ratio: number({ doc, default: 0.5 }),
    format: choice(['json', 'text'], { doc, default: 'text' }),
    wait: duration({ doc, default: '5s' }),
    room: size({ doc, default: '1MiB' }),
    tags: list(text({ doc }), { doc, default: ['a'] }),
    codes: list(integer({ doc }), { doc, default: [] }),
    headers: map({ doc, default: { a: 'b' } }),
    note: optional(text({ doc })),
  };
  const defaults = {
    url: 'http://localhost',
    port: 8125,
    is_on: false,
    ratio: 0.5,
    format: 'text',
    wait: 5000,
    room: 1024 * 1024,
    tags: ['a'],
    codes: [],
    headers: { a: 'b' },
    note: undefined,
  };

  test.each([
    ['null', null],
    ['nothing', undefined],
    ['an empty object', {}],
    ['null members', { url: null, port: null, headers: null, tags: null }],
  ])('%s gives the defaults', (_, raw) => {
    expect(parse(options, raw)).toEqual({ value: defaults, errors: [], warnings: [], notes: [] });
  });

  test.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ url: 'u' }, { url: 'u' }],
    [{ URL: 'u' }, { url: 'u' }],
    [{ address: 'u' }, { url: 'u' }],
    [{ Address: 'u' }, { url: 'u' }],
    [{ port: 1 }, { port: 1 }],
    [{ port: '81' }, { port: 81 }],
    [{ is_on: true }, { is_on: true }],
    [{ is_on: 'true' }, { is_on: true }],
    [{ is_on: 'false' }, { is_on: false }],
    [{ is_on: '0' }, { is_on: false }],
    [{ ratio: 2.25 }, { ratio: 2.25 }],
    [{ format: 'json' }, { format: 'json' }],
    [{ wait: '1h30m' }, { wait: 5_400_000 }],
    [{ room: '2GiB' }, { room: 2 * 1024 ** 3 }],
    [{ tags: ['x', ' y '] }, { tags: ['x', ' y '] }],
    [{ tags: [] }, { tags: [] }],
    [{ codes: [200, '404'] }, { codes: [200, 404] }],
    [{ headers: { c: 'd' } }, { headers: { c: 'd' } }],
    [{ headers: {} }, { headers: {} }],
    [{ headers: { 'x.y': 'd' } }, { headers: { 'x.y': 'd' } }],
    [{ note: '' }, { note: '' }],
  ])('%j sets %j and leaves the rest', (raw, set) => {
    expect(parse(options, raw)).toMatchObject({ errors: [], warnings: [] });
    expect(parse(options, raw).value).toEqual({ ...defaults, ...set });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ url: 7 }, 'url: found number, expected a text'],
    [{ port: '81abc' }, 'port: found text, expected an integer from 0 to 65535'],
    [{ port: 70_000 }, 'port: found number, expected an integer from 0 to 65535'],
    [{ is_on: 'yes' }, 'is_on: found text, expected true or false (1, t, true, 0, f, false)'],
    [{ is_on: 1 }, 'is_on: found number, expected true or false'],
    [{ port: 1.9 }, 'port: found number, expected'],
    [{ ratio: 'x' }, 'ratio: found text, expected a decimal number'],
    [{ format: 'xml' }, 'format: found text, expected one of "json", "text"'],
    [{ wait: 5 }, 'wait: found number, expected a duration with its unit'],
    [{ room: 64 }, 'room: found number, expected a size with its unit'],
    [{ tags: 'a,b' }, 'tags: found text, expected a list, each element a text'],
    [{ codes: ['x'] }, 'codes: found list, expected a list, each element an integer'],
    [{ headers: { a: 1 } }, 'headers: found object, expected an object of texts'],
  ])('%j is an error', (raw, message) => {
    const { value, errors } = parse(options, raw);
    expect(value).toBeUndefined();
    expect(errors).toEqual([expect.stringContaining(`pump.conf: pumps.x.meta.${message}`)]);
  });

  test('every problem is reported at once', () => {
    expect(parse(options, { url: 1, port: 'x', format: 2, hots: 3 })).toMatchObject({
      errors: { length: 3 },
      warnings: { length: 1 },
    });
  });

  test.each(['text', 7, []])('%j instead of an object is an error', (raw) => {
    expect(parse(options, raw).errors).toEqual([
      expect.stringMatching(/pumps\.x\.meta: found \w+, expected an object/),
    ]);
  });

  test.each([
    ['urll', 'a known option; did you mean "url"?'],
    ['is_no', 'a known option; did you mean "is_on"?'],
    ['Formatt', 'a known option; did you mean "format"?'],
    ['something_else', 'a known option'],
  ])('the unknown key %s is a warning', (key, expected) => {
    const { value, warnings } = parse(options, { [key]: 'hidden' });
    expect(value).toEqual(defaults);
    expect(warnings).toEqual([`pump.conf: pumps.x.meta.${key}: found text, expected ${expected}`]);
  });

  test('meta_env_prefix is never unknown', () => {
    expect(parse(options, { meta_env_prefix: 'A', Meta_Env_Prefix: 'B' }).warnings).toEqual([]);
  });

  test('an option given under two names keeps the more precise one and warns', () => {
    const { value, warnings } = parse(options, { address: 'alias', URL: 'case', url: 'exact' });
    expect(value?.url).toBe('exact');
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('only one of "url" and "URL" ("url" is used)');
  });

  test('a key called __proto__ is only an unknown key', () => {
    const raw: unknown = JSON.parse('{"__proto__": {"url": "x"}, "url": "y"}');
    const { value, warnings } = parse(options, raw);
    expect(value?.url).toBe('y');
    expect(warnings).toHaveLength(1);
  });
});

test('a required option that nobody gives is an error; an optional one is not', () => {
  const options = { token: secret({ doc }), url: text({ doc }), note: optional(secret({ doc })) };
  expect(parse(options, {}).errors).toEqual([
    'pump.conf: pumps.x.meta.token: found nothing, expected a text',
    'pump.conf: pumps.x.meta.url: found nothing, expected a text',
  ]);
});

test('a secret arrives whole and is in no message', () => {
  const options = {
    token: secret({ doc, default: '' }),
    keys: list(secret({ doc }), { doc }),
    headers: secretMap({ doc, default: {} }),
  };
  const given = { token: 'hunter2', keys: ['hunter3'], headers: { 'X-Key': 'hunter4' } };
  const { value } = parse(options, given);
  expect(value?.token).toBeInstanceOf(Secret);
  expect(value?.token.reveal()).toBe('hunter2');
  expect(value?.keys.map((key) => key.reveal())).toEqual(['hunter3']);

  expect(value?.headers['X-Key']?.reveal()).toBe('hunter4');
  expect(JSON.stringify(value)).not.toContain('hunter');
  const env = { X_META_HEADERS: 'a:hunter5,b:hunter6' };
  expect(parse(options, given, { env }).value?.headers['b']?.reveal()).toBe('hunter6');

  const wrong = parse(options, {
    ...{ token: { a: 'hunter2' }, keys: ['hunter3', 4], tokn: 'hunter4' },
    headers: { a: 'hunter5', b: 6 },
  });
  expect(wrong.errors).toHaveLength(3);
  expect(JSON.stringify(wrong)).not.toContain('hunter');
});
