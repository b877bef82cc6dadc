import { expect, test } from 'vitest';
import { bytes, seconds } from '../lib/units.ts';
import { definePump } from '../pump/define-pump.ts';
import { text } from './options/builders.ts';
import { list } from './options/collections.ts';
import { formatProblem } from './problem.ts';
import { load } from './testing.ts';

const env = { TYK_PMP_OMITCONFIGFILE: 'true', TYK_PMP_REDIS_ADDRS: 'redis:6379' };

test('with the file left out problems name variables', async () => {
  const { errors, warnings, notes } = await load({ env });
  expect(errors).toEqual([
    'environment: TYK_PMP_PUMPS_<NAME>_TYPE: found nothing, expected at least one pump, in variables TYK_PMP_PUMPS_<NAME>_<OPTION>',
  ]);
  expect(warnings).toEqual([
    expect.stringContaining('environment: TYK_PMP_PURGEDELAY: found nothing'),
  ]);
  expect(notes).toEqual([
    expect.stringContaining('environment: TYK_PMP_DONTPURGEUPTIMEDATA: is not set'),
  ]);
});

test('also where no Redis is named, or half of one', async () => {
  const pump = { TYK_PMP_OMITCONFIGFILE: 'true', TYK_PMP_PUMPS_STDOUT_TYPE: 'stdout' };
  expect((await load({ env: pump })).notes).toContain(
    'environment: TYK_PMP_ANALYTICSSTORAGECONFIG_…: names no Redis; 127.0.0.1:6379 is used, as in Tyk Pump',
  );
  expect((await load({ env: { ...pump, TYK_PMP_REDIS_HOST: 'redis' } })).errors).toEqual([
    expect.stringContaining('environment: TYK_PMP_ANALYTICSSTORAGECONFIG_PORT: found nothing'),
  ]);
});

test('a variable that is false is not "not set"', async () => {
  const said = {
    ...env,
    TYK_PMP_DONTPURGEUPTIMEDATA: 'false',
    TYK_PMP_PUMPS_STDOUT_TYPE: 'stdout',
  };
  expect((await load({ env: said })).notes).toEqual([
    expect.stringContaining(
      'environment: TYK_PMP_DONTPURGEUPTIMEDATA: is false, and no `uptime_pump_config` says',
    ),
  ]);
});

test('what a pump misses or finds wrong is named where it was said, or has to be', () => {
  const pump = definePump({
    type: 'fake',
    title: 'Fake Pump',
    summary: 'Takes everything.',
    options: {
      broker: list(text({ doc: 'One.' }), { doc: 'Some.', default: [] }),
      topic: text({ doc: 'A topic.' }),
    },
    envPrefix: '',
    limits: { records: 10, bytes: bytes(1_000), age: seconds(1), inFlight: 1 },
    repeats: 'harmless',
    guarantee: 'at-least-once',
    check: ({ broker }) =>
      broker.map((_, at) => ({
        key: `broker[${at}]`,
        found: 'a text',
        expected: 'an address',
        severity: 'error' as const,
      })),
    open: () => Promise.reject(new Error('never opened')),
  });
  const problemsOf = (raw: unknown, variables: Record<string, string>, isFileless: boolean) =>
    pump
      .prepare({
        raw,
        source: 'pump.conf',
        key: 'pumps.x.meta',
        env: variables,
        envPrefix: 'X_META',
        isFileless,
      })
      .problems.map((problem) => formatProblem(problem).replace(/: found.*/, ''));

  expect(problemsOf({}, {}, true)).toEqual(['environment: X_META_TOPIC']);
  expect(problemsOf({}, {}, false)).toEqual(['pump.conf: pumps.x.meta.topic']);
  expect(problemsOf({ topic: 't' }, { X_META_BROKER: 'a' }, false)).toEqual([
    'environment: X_META_BROKER[0]',
  ]);
  expect(problemsOf({ topic: 't', broker: ['a'] }, {}, false)).toEqual([
    'pump.conf: pumps.x.meta.broker[0]',
  ]);
});
