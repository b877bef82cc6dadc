import { expect, it } from 'vitest';
import s3 from './index.ts';

const problems = (meta: object) =>
  s3
    .prepare({
      raw: { bucket: 'b', ...meta },
      ...{ source: 's', key: 'meta', env: {}, envPrefix: s3.envPrefix },
    })
    .problems.map(({ key, found }) => `${key}: ${found}`);

it.each([
  [{ bucket: 'a/b' }, 'meta.bucket: no name of a bucket'],
  [{ endpoint: 'localhost:9000' }, 'meta.endpoint: no such URL'],
  [{ prefix: 'a/{{tags}}/' }, 'meta.prefix: a field that no record has at character 5'],
  [{ compression: 'snappy' }, 'meta.compression: "snappy"'],
  [{ prefix: '{{hour' }, 'meta.prefix: a "{{" without its "}}" at character 1'],
  [{ access_key_id: 'a' }, 'meta.secret_access_key: nothing'],
  [{ secret_access_key: 'a' }, 'meta.access_key_id: nothing'],
  [{ session_token: 'a' }, 'meta.access_key_id: nothing'],
  [
    { access_key_id: 'a b', secret_access_key: 'c' },
    'meta.access_key_id: white space or another character',
  ],
])('what one option alone cannot say is said: %j', (meta, words) => {
  expect(problems(meta)).toEqual([words]);
});

it('knows at start whether this Node.js has zstd', async () => {
  const hasZstd = 'zstdCompress' in (await import('node:zlib'));

  expect(problems({ compression: 'zstd' })).toEqual(hasZstd ? [] : ['meta.compression: "zstd"']);
});

it('has nothing to say of what is right', () => {
  expect(problems({})).toEqual([]);
  for (const compression of ['snappy', 'gzip', 'none'])
    expect(problems({ format: 'parquet', compression })).toEqual([]);
  expect(problems({ endpoint: 'http://localhost:9000', compression: 'none' })).toEqual([]);
});
