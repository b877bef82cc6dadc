import { expect, it } from 'vitest';
import { aPreparedPump } from '#pump/testing';
import statsd from './index.ts';

const good = { address: 'localhost:8125', fields: ['request_time'], tags: ['path'] };

function problems(meta: object, env: Readonly<Record<string, string>> = {}): readonly string[] {
  return statsd
    .prepare({ raw: meta, source: 'test', key: 'm', env, envPrefix: statsd.envPrefix })
    .problems.map(({ severity, key, found }) => `${severity} ${key}: ${found}`);
}

it.each([
  ['nothing wrong', good, []],
  ['no address', { ...good, address: '' }, ['error m.address: nothing']],
  ['another scheme', { ...good, address: 'http://a:1' }, ['error m.address: a text']],
  ['no field', { ...good, fields: [] }, ['warning m.fields: nothing']],
  ['an unknown field', { ...good, fields: ['x'] }, ['warning m.fields[0]: "x"']],
  ['an unknown tag', { ...good, tags: ['path', 'x'] }, ['warning m.tags[1]: "x"']],
  ['a method that is none', { ...good, tags: ['method'] }, ['warning m.tags[0]: "method"']],
])('says what is wrong: %s', (_, meta, found) => {
  expect(problems(meta)).toEqual(found);
});

it('reads every option from the environment by Tyk’s names', () => {
  const at = (name: string): string => `${statsd.envPrefix}_${name}`;

  expect(
    problems(
      {},
      {
        [at('ADDRESS')]: 'localhost:8125',
        [at('FIELDS')]: 'request_time,latency_total',
        [at('TAGS')]: 'path,method',
        [at('SEPARATEDMETHOD')]: 'true',
        [at('SANITISE')]: 'all',
        [at('PACKETSIZE')]: '512B',
      },
    ),
  ).toEqual([]);
});

it.each([
  ['localhost:8125', 'best-effort'],
  ['tcp://localhost:8125', 'at-least-once'],
  ['unix:///run/statsd', 'best-effort'],
])('promises what the protocol of %s can', (address, guarantee) => {
  expect(aPreparedPump(statsd, { ...good, address }).guarantee).toBe(guarantee);
});
