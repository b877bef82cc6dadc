import { describe, expect, test } from 'vitest';
import { text } from '../options/builders.ts';
import { parseMeta } from '../options/parse.ts';
import { aFile, load, type Situation } from '../testing.ts';

const stores = {
  vars: { type: 'env', config: { prefix: 'APP_', uppercase: true } },
  here: {
    type: 'inline',
    config: {
      data: {
        word: 'w',
        number: 5,
        flag: true,
        none: null,
        object: { a: { 'x/y': 'deep', 'p~q': 1 }, list: [10, 'two'] },
      },
    },
  },
  files: { type: 'file', config: { base_path: 'secrets' } },
};
const files = {
  'secrets/password': 'hunter2\r\n\n',
  'secrets/db/login.json': '{"user": "u", "password": "hunter3"}',
  outside: 'never',
};

/** What `health_check_endpoint_name` becomes. */
async function resolved(value: string, over: Situation = {}) {
  const { config, errors } = await load({
    file: aFile({ health_check_endpoint_name: value, kv: { stores } }),
    files,
    env: { APP_NAME: 'from-env' },
    ...over,
  });
  return errors.length > 0 ? errors.join('\n') : config?.health.name;
}

describe('a reference that is a whole value', () => {
  test.each([
    ['kv://vars/name', 'from-env'],
    ['kv://here/word', 'w'],
    ['kv://here/number', '5'],
    ['kv://here/flag', 'true'],
    ['kv://here/none', 'null'],
    ['kv://here/object#list', '[10,"two"]'],
    ['kv://here/object#/list/1', 'two'],
    ['kv://here/object#a/x~1y', 'deep'],
    ['kv://here/object#/a/p~0q', '1'],
    ['kv://files/password', 'hunter2'],
    ['kv://files/db/login.json#password', 'hunter3'],
    ['kv://files//password', 'hunter2'],
  ])('%s becomes %s', async (reference, expected) => {
    expect(await resolved(reference)).toBe(expected);
  });
});

describe('references inside a value', () => {
  test.each([
    ['a-$kv{here:word}-b', 'a-w-b'],
    ['$kv{here:word}$kv{vars:name}', 'wfrom-env'],
    ['$kv{files:db/login.json#/user}@host', 'u@host'],
    ['no reference: kv://here/word', 'no reference: kv://here/word'],
    ['vault://here/word', 'vault://here/word'],
    ['env://NAME', 'env://NAME'],
  ])('%s becomes %s', async (value, expected) => {
    expect(await resolved(value)).toBe(expected);
  });
});

describe('what cannot be resolved is an error that says why', () => {
  test.each([
    ['kv://other/x', 'a store named "other" under kv.stores (configured: "vars", "here", "files")'],
    ['kv://here/missing', 'no member "missing" in its data'],
    ['kv://here/object#b', 'a field "b" in "object" of the store "here"'],
    ['kv://here/word#b', 'a field "b" in "word" of the store "here"'],
    ['kv://here/object#list/7', 'a field "list/7"'],
    ['kv://vars/absent', 'no variable APP_ABSENT'],
    ['kv://files/absent', 'no file "absent"'],
    ['kv://files/../outside', 'a file below its base_path'],
    ['kv://files/db/../../outside', 'a file below its base_path'],
    ['kv://here', 'a reference as kv://store/path#field'],
    ['kv://', 'a reference as kv://store/path#field'],
    ['$kv{here:word', 'a closing brace'],
    ['$kv{here/word}', 'references as $kv{store:path#field}'],
  ])('%s', async (reference, reason) => {
    const message = await resolved(reference);
    expect(message).toContain('pump.conf: health_check_endpoint_name: found text, expected ');
    expect(message).toContain(reason);
  });

  test('no store is configured', async () => {
    const file = aFile({ health_check_endpoint_name: 'kv://here/word' });
    expect(await resolved('', { file })).toContain('(none is configured)');
  });

  test('a file that cannot be read is not called missing', async () => {
    expect(await resolved('kv://files/absent')).not.toContain('unreadable');
  });
});

describe('stores', () => {
  test('a reference to a remote store is an error that names store and type', async () => {
    const kv = { stores: { v: { type: 'hashicorp_vault', config: { token: 'hunter2' } } } };
    const file = aFile({ health_check_endpoint_name: 'kv://v/secret#x', kv });
    const { errors, warnings } = await load({ file });
    expect(errors).toEqual([
      expect.stringMatching(/health_check_endpoint_name: .*"v".*remote type "hashicorp_vault"/),
    ]);
    expect(warnings).toEqual([expect.stringContaining('kv.stores.v.type')]);
    expect(JSON.stringify({ errors, warnings })).not.toContain('hunter2');
  });

  test('a remote store nobody refers to is a warning, or an error when it is required', async () => {
    const at = (required: boolean) =>
      load({ file: aFile({ kv: { stores: { v: { type: 'aws_secrets_manager', required } } } }) });
    expect(await at(false)).toMatchObject({
      errors: [],
      warnings: [expect.stringContaining('aws_secrets_manager')],
    });
    expect(await at(true)).toMatchObject({
      errors: [expect.stringContaining('aws_secrets_manager')],
    });
  });

  test.each([
    [{ type: 'env' }, 'kv.stores.s.config.prefix: found nothing'],
    [{ type: 'file', config: {} }, 'kv.stores.s.config.base_path: found nothing'],
    [{ type: 'inline', config: { data: [] } }, 'kv.stores.s.config.data: found list'],
    [{ type: 'paper' }, 'kv.stores.s.type: found text'],
    [{}, 'kv.stores.s.type: found nothing'],
  ])('%j that is required stops the start', async (store, message) => {
    const kv = { stores: { s: { ...store, required: true } } };
    expect((await load({ file: aFile({ kv }) })).errors).toEqual([
      expect.stringContaining(`pump.conf: ${message}`),
    ]);
  });

  test('the variable replaces stores of the same name and adds others', async () => {
    const env = {
      TYK_PMP_KV_STORES: JSON.stringify({
        here: { type: 'inline', config: { data: { word: 'env' } } },
        more: { type: 'inline', config: { data: { word: 'more' } } },
      }),
    };
    expect(await resolved('$kv{here:word} $kv{more:word} $kv{files:password}', { env })).toBe(
      'env more hunter2',
    );
  });

  test('a variable that is not JSON is an error', async () => {
    expect(await resolved('x', { env: { TYK_PMP_KV_STORES: '{' } })).toContain(
      'environment: TYK_PMP_KV_STORES: found text, expected an object of stores as JSON',
    );
  });
});

describe('where references stand', () => {
  test('deep in the file, in variables, and in lists', async () => {
    const { config, errors } = await load({
      file: aFile({
        analytics_storage_config: { password: 'kv://files/password' },
        pumps: {
          x: {
            filters: { api_ids: ['kv://here/word', 'b'] },
            meta: { nested: [{ a: 'kv://here/word' }] },
          },
        },
        kv: { stores },
      }),
      env: {
        TYK_PMP_PUMPS_X_IGNOREFIELDS: '$kv{here:word},z',
        TYK_PMP_REDIS_USERNAME: 'kv://vars/name',
        APP_NAME: 'n',
      },
      files,
    });
    expect(errors).toEqual([]);
    expect(config).toMatchObject({
      redis: { username: 'n' },
      pumps: [
        {
          filters: { apiIds: ['w', 'b'] },
          ignoreFields: ['w', 'z'],
          meta: { raw: { nested: [{ a: 'w' }] } },
        },
      ],
    });
    expect(config?.redis.password?.reveal()).toBe('hunter2');
  });

  test('variables of other programs are left alone', async () => {
    const { config } = await load({
      file: aFile({ kv: { stores } }),
      env: { OTHER: 'kv://here/word' },
    });
    expect(config?.pumps[0]?.meta.env).toEqual({ OTHER: 'kv://here/word' });
  });

  test('meta variables are resolved before the pump reads them, whatever their prefix', async () => {
    const options = { topic: text({ doc: 'Topic.', default: '' }) };
    const { config } = await load({
      file: aFile({ pumps: { a: { meta: { meta_env_prefix: 'ACME' } }, b: {} }, kv: { stores } }),
      env: { ACME_TOPIC: 'kv://here/word', TYK_PMP_PUMPS_B_META_TOPIC: 'kv://here/absent' },
    });
    const [a, b] = (config?.pumps ?? []).map(({ meta }) => parseMeta(options, meta));
    expect(a?.value).toEqual({ topic: 'w' });
    expect(b?.problems).toMatchObject([
      { source: 'environment', key: 'TYK_PMP_PUMPS_B_META_TOPIC', severity: 'error' },
    ]);
  });

  test('a reference in meta that cannot be resolved is an error when the pump reads it', async () => {
    const options = { topic: text({ doc: 'Topic.', default: '' }) };
    const pumps = { a: { meta: { topic: 'kv://here/absent' } } };
    const { config } = await load({ file: aFile({ pumps, kv: { stores } }) });
    const meta = config?.pumps[0]?.meta;
    expect(meta && parseMeta(options, meta).problems).toMatchObject([
      { key: 'pumps.a.meta.topic', found: 'text', severity: 'error' },
    ]);
  });

  test('the stores themselves may hold texts that look like references', async () => {
    const kv = { stores: { s: { type: 'inline', config: { data: { a: 'kv://s/a' } } } } };
    const file = aFile({ health_check_endpoint_name: 'kv://s/a', kv });
    expect(await resolved('', { file })).toBe('kv://s/a');
  });
});
