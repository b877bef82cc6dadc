/** Options that have options of their own: groups, and rows of them. */
import { describe, expect, test } from 'vitest';
import { flag, integer, optional, secret, text } from './builders.ts';
import { group, list, rows } from './collections.ts';
import { parse } from './parse.testing.ts';

const doc = 'Something.';

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
