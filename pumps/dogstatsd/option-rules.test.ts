import { expect, it } from 'vitest';
import { aPreparedPump } from '#pump/testing';
import dogstatsd from './index.ts';

function problems(meta: object, env: Readonly<Record<string, string>> = {}): readonly string[] {
  return dogstatsd
    .prepare({ raw: meta, source: 'test', key: 'm', env, envPrefix: dogstatsd.envPrefix })
    .problems.map(({ severity, key, found }) => `${severity} ${key}: ${found}`);
}

it.each([
  ['nothing', {}, []],
  ['another scheme', { address: 'http://a:1' }, ['error m.address: a text']],
  ['an unknown tag', { tags: ['path', 'x'] }, ['warning m.tags[1]: "x"']],
  ['a rate above 1', { sample_rate: 2 }, ['error m.sample_rate: a number']],
  ['a rate below 0', { sample_rate: -1 }, ['error m.sample_rate: a number']],
  ['obfuscation of nothing', { obfuscate_api_keys: true }, ['warning m.obfuscate_api_keys: true']],
])('says what is wrong: %s', (_, meta, found) => {
  expect(problems(meta)).toEqual(found);
});

it('reads every option from the environment by Tyk’s names', () => {
  const at = (name: string): string => `${dogstatsd.envPrefix}_${name}`;

  expect(
    problems(
      {},
      {
        [at('NAMESPACE')]: 'acme',
        [at('ADDRESS')]: 'unix:///run/dsd.socket',
        [at('SAMPLERATE')]: '0.5',
        [at('ASYNCUDS')]: 'true',
        [at('ASYNCUDSWRITETIMEOUT')]: '2',
        [at('BUFFERED')]: 'true',
        [at('BUFFEREDMAXMESSAGES')]: '8',
        [at('TAGS')]: 'path,api_key',
      },
    ),
  ).toEqual([]);
});

it('promises what the protocol can', () => {
  const guarantee = (address: string) => aPreparedPump(dogstatsd, { address }).guarantee;

  expect([guarantee(''), guarantee('tcp://agent:8125')]).toEqual(['best-effort', 'at-least-once']);
});
