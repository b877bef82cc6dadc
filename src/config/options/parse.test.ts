import { describe, expect, test } from 'vitest';
import { Secret } from '../../lib/secret.ts';
import { formatProblem } from '../problem.ts';
import {
  choice,
  duration,
  flag,
  group,
  integer,
  list,
  map,
  number,
  optional,
  port,
  rows,
  secret,
  size,
  text,
} from './builders.ts';
import type { OptionSet } from './option.ts';
import { type MetaSource, parseMeta } from './parse.ts';

const doc = 'Something.';

function parse<S extends OptionSet>(options: S, raw: unknown, from: Partial<MetaSource> = {}) {
  const source: MetaSource = {
    raw,
    source: 'pump.conf',
    key: 'pumps.x.meta',
    env: {},
    envPrefix: 'X_META',
    ...from,
  };
  const { problems, value, notes } = parseMeta(options, source);
  return {
    value,
    notes,
    errors: problems.filter((problem) => problem.severity === 'error').map(formatProblem),
    warnings: problems.filter((problem) => problem.severity === 'warning').map(formatProblem),
  };
}

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
    [{ port: 1.9 }, { port: 1 }],
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
    expect(parse(options, raw)).toEqual({
      value: { ...defaults, ...set },
      errors: [],
      warnings: [],
      notes: [],
    });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ url: 7 }, 'url: found number, expected a text'],
    [{ port: '81abc' }, 'port: found text, expected an integer from 0 to 65535'],
    [{ port: 70_000 }, 'port: found number, expected an integer from 0 to 65535'],
    [{ is_on: 'yes' }, 'is_on: found text, expected true or false (1, t, true, 0, f, false)'],
    [{ is_on: 1 }, 'is_on: found number, expected true or false'],
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
  const options = { token: secret({ doc, default: '' }), keys: list(secret({ doc }), { doc }) };
  const { value } = parse(options, { token: 'hunter2', keys: ['hunter3'] });
  expect(value?.token).toBeInstanceOf(Secret);
  expect(value?.token.reveal()).toBe('hunter2');
  expect(value?.keys.map((key) => key.reveal())).toEqual(['hunter3']);

  const wrong = parse(options, { token: { a: 'hunter2' }, keys: ['hunter3', 4], tokn: 'hunter4' });
  expect(wrong.errors).toHaveLength(2);
  expect(JSON.stringify(wrong)).not.toContain('hunter');
});

describe('groups', () => {
  const options = {
    bulk_config: group(
      {
        workers: integer({ doc, default: 1 }),
        flush: integer({ doc, default: 0, env: 'FLUSHED' }),
      },
      { doc },
    ),
    sasl: optional(group({ user: text({ doc }), password: secret({ doc, default: '' }) }, { doc })),
  };

  test('members have their own defaults, and an optional group that nobody mentions is undefined', () => {
    expect(parse(options, {}).value).toEqual({
      bulk_config: { workers: 1, flush: 0 },
      sasl: undefined,
    });
  });

  test('members match in any letter case, and unknown ones are found', () => {
    const { value, warnings } = parse(options, { BULK_config: { Workers: 3, werkers: 4 } });
    expect(value?.bulk_config).toEqual({ workers: 3, flush: 0 });
    expect(warnings).toEqual([
      'pump.conf: pumps.x.meta.BULK_config.werkers: found number, expected a known option; did you mean "workers"?',
    ]);
  });

  test('the environment reaches members through the name of the group', () => {
    const env = { X_META_BULKCONFIG_WORKERS: '2', X_META_BULKCONFIG_FLUSHED: '9' };
    expect(parse(options, {}, { env }).value?.bulk_config).toEqual({ workers: 2, flush: 9 });
  });

  test('an optional group that is mentioned needs its required members', () => {
    expect(parse(options, { sasl: { password: 'x' } }).errors).toEqual([
      'pump.conf: pumps.x.meta.sasl.user: found nothing, expected a text',
    ]);
    expect(parse(options, {}, { env: { X_META_SASL_USER: 'u' } }).value?.sasl?.user).toBe('u');
  });

  test('something else than an object is an error', () => {
    expect(parse(options, { bulk_config: 3 }).errors).toEqual([
      'pump.conf: pumps.x.meta.bulk_config: found number, expected an object',
    ]);
  });

  test('an empty suffix adds nothing to the names, as an embedded struct in Go', () => {
    const embedded = { base: group({ url: text({ doc, default: '' }) }, { doc, env: '' }) };
    expect(parse(embedded, {}, { env: { X_META_URL: 'u' } }).value?.base.url).toBe('u');
  });
});

describe('rows', () => {
  const options = {
    metrics: rows(
      {
        name: text({ doc }),
        labels: list(text({ doc }), { doc, default: [] }),
        on: flag({ doc, default: true }),
      },
      { doc, env: 'CUSTOMMETRICS' },
    ),
  };

  test('each row receives the defaults', () => {
    const { value } = parse(options, { metrics: [{ name: 'a' }, { NAME: 'b', on: 'false' }] });
    expect(value?.metrics).toEqual([
      { name: 'a', labels: [], on: true },
      { name: 'b', labels: [], on: false },
    ]);
  });

  test('nobody mentions them: there are none', () => {
    expect(parse(options, {}).value).toEqual({ metrics: [] });
  });

  test('problems name the row', () => {
    const { errors, warnings } = parse(options, {
      metrics: [{ name: 'a' }, { name: 1, nam: 'b' }, 4],
    });
    expect(errors).toEqual([
      'pump.conf: pumps.x.meta.metrics[1].name: found number, expected a text',
      'pump.conf: pumps.x.meta.metrics[2]: found number, expected an object',
      'pump.conf: pumps.x.meta.metrics[2].name: found nothing, expected a text',
    ]);
    expect(warnings).toHaveLength(1);
  });

  test('the environment gives them as JSON', () => {
    const env = { X_META_CUSTOMMETRICS: '[{"name":"a"}]' };
    expect(parse(options, { metrics: [] }, { env }).value?.metrics).toEqual([
      { name: 'a', labels: [], on: true },
    ]);
  });
});

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
    [{ X_META_USESSL: '' }, 'X_META_USESSL: found empty text, expected true or false'],
    [{ X_META_TIMEOUT: '5s' }, 'X_META_TIMEOUT: found text, expected an integer'],
    [
      { X_META_CODES: '200,x' },
      'X_META_CODES: found text, expected a list, each element an integer',
    ],
    [{ X_META_METADATA: 'k' }, 'X_META_METADATA: found text, expected a map as key:value'],
  ])('what Go cannot parse is a warning and keeps the file: %j', (env, message) => {
    const raw = { use_ssl: true, timeout: 3 };
    const { value, warnings } = parse(options, raw, { env });
    expect(value).toEqual(parse(options, raw).value);
    expect(warnings).toEqual([expect.stringContaining(`environment: ${message}`)]);
  });

  test('the first variable that cannot be parsed ends the reading, and the rest is named', () => {
    const env = {
      X_META_TOPIC: 'read',
      X_META_TIMEOUT: 'soon',
      X_META_RATIO: '2',
      X_META_CODES: 'x',
    };
    const { value, warnings } = parse(options, {}, { env });
    expect(value).toMatchObject({ topic: 'read', timeout: 0, ratio: 0, codes: [] });
    expect(warnings).toEqual([
      'environment: X_META_TIMEOUT: found text, expected an integer; until then also unread: X_META_RATIO, X_META_CODES',
    ]);
  });

  test('a value that Go can parse and the pump cannot use is an error', () => {
    expect(parse(options, {}, { env: { X_META_LEVEL: 'medium' } }).errors).toEqual([
      'environment: X_META_LEVEL: found text, expected one of "low", "high"',
    ]);
  });

  test('a bad value in the file does not matter under a good variable', () => {
    const { value, errors } = parse(options, { timeout: 'x' }, { env: { X_META_TIMEOUT: '3' } });
    expect(errors).toEqual([]);
    expect(value?.timeout).toBe(3);
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

describe('options without effect', () => {
  const options = {
    buckets: text({ doc, default: '', withoutEffect: 'the reference ignores it' }),
    pool: integer({ doc, default: 0, withoutEffect: 'one connection is enough', isQuiet: true }),
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
    expect(parse(options, { pool: 0, buckets: '' })).toMatchObject({ warnings: [], notes: [] });
  });
});
