import { describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../pumps/index.ts';
import { loadConfig } from '../src/config/load.ts';
import { leavesOf } from '../src/config/options/leaves.ts';
import { globalOptions } from '../src/config/service-options.ts';

const secretText = 'S3cret/Part';

/** `a.b` as an object with the value inside. */
const nested = (key: string, value: unknown): object =>
  key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object;

const load = (file: object, env: Record<string, string> = {}) =>
  loadConfig({
    path: 'pump.conf',
    env,
    readFile: () => Promise.resolve(JSON.stringify({ pumps: { X: { type: 'dummy' } }, ...file })),
  });

describe.each(pumpTypes)('%s', async (type) => {
  const found = await findPump(type);
  if (found.outcome !== 'found') throw new Error(`${type} is not in the registry`);
  const { pump } = found;
  const secretOptions = leavesOf(pump.options).filter(({ option }) => option.isSecret);

  it('has every secret option masked, whatever else is wrong', () => {
    const said = secretOptions.map(({ key, option }) => {
      const source = { source: 'f', key: 'k', env: {}, envPrefix: '' };
      const text = `${secretText}\n`;
      const value = option.kind === 'map' ? { name: text } : text;
      return pump.prepare({ ...source, raw: nested(key, value) }).secrets;
    });

    for (const secrets of said)
      expect(secrets).toEqual(expect.arrayContaining([secretText, `${secretText}\n`]));
  });

  it('has no option that is named like a secret and is none', () => {
    const plain = leavesOf(pump.options).filter(({ option }) => !option.isSecret);
    expect(plain.map(({ key }) => key)).not.toContainEqual(
      expect.stringMatching(/(?:password|secret|token|api_key|passphrase)$/),
    );
  });
});

it.each(
  leavesOf(globalOptions)
    .filter(({ option }) => option.isSecret)
    .map(({ key }) => key),
)('%s of the service is masked', async (key) => {
  expect((await load(nested(key, secretText))).secrets).toContain(secretText);
});

it('masks user and password as basic authentication joins them', async () => {
  const login = { username: 'me', password: secretText };
  expect((await load({ analytics_storage_config: login })).secrets).toContain(`me:${secretText}`);
});

it('masks of a URL its user and password, and not the address', async () => {
  const found = await findPump('elasticsearch');
  if (found.outcome !== 'found') throw new Error('no such pump');
  const raw = {
    elasticsearch_url:
      'http://u:S3cret%2FPart@host:9200,http://token-of-it@host,http://other:1/2@h',
  };
  const source = { raw, source: 'f', key: 'k', env: {}, envPrefix: '' };
  const { secrets } = found.pump.prepare(source);
  expect(new Set(secrets)).toEqual(
    new Set(['S3cret%2FPart', secretText, `u:${secretText}`, 'token-of-it', '1/2', 'other:1/2']),
  );
});

it('masks what came from a store, but for switches and ports', async () => {
  const data = { one: secretText, port: '6379', on: 'true', many: { a: 'deep-secret' } };
  const kv = { stores: { s: { type: 'inline', config: { data } } } };
  const storage = { username: 'x-$kv{s:one}', host: 'kv://s/many#a', port: 'kv://s/port' };
  const env = { TYK_PMP_DONTPURGEUPTIMEDATA: 'kv://s/on' };
  const { secrets } = await load({ kv, analytics_storage_config: storage }, env);
  expect(new Set(secrets)).toEqual(new Set([secretText, 'deep-secret']));
});
