import { describe, expect, it } from 'vitest';
import { secret, text } from '../../config/options/builders.ts';
import { load } from '../../config/testing.ts';
import { bytes, millis } from '../../lib/units.ts';
import { checkPumps } from '../../pump/check-pumps.ts';
import { definePump } from '../../pump/define-pump.ts';
import { basicTlsOptions } from '../../pump/tls.ts';
import { FakeSink } from '../../route/testing/fake-sink.testing.ts';
import { differenceOf } from './difference.ts';
import { fingerprintsOf } from './route-fingerprint.ts';

const kind = definePump({
  type: 'mine',
  title: 'Mine',
  summary: 'Mine.',
  options: {
    url: text({ doc: 'Where.', default: '' }),
    password: secret({ doc: 'Who.', default: '' }),
    ...basicTlsOptions,
  },
  limits: { records: 10, bytes: bytes(1_000), age: millis(0), inFlight: 1 },
  repeats: 'harmless',
  guarantee: 'at-least-once',
  open: () => Promise.resolve(new FakeSink()),
});

type Entry = Readonly<Record<string, unknown>>;
const entry = (meta: Entry = {}, more: Entry = {}): Entry => ({ type: 'mine', meta, ...more });

async function read(
  pumps: Readonly<Record<string, Entry>>,
  {
    own = {},
    env = {},
    global = {},
  }: { own?: Entry; global?: Entry; env?: Readonly<Record<string, string>> } = {},
) {
  const { config } = await load({
    env,
    types: ['mine'],
    file: {
      ...global,
      pumps,
      sluice: own,
      analytics_storage_config: { host: 'h', port: 1 },
      kv: { stores: { here: { type: 'env', config: { prefix: 'SECRET_' } } } },
    },
  });
  if (config === undefined) throw new Error('the configuration is broken');
  const find = () => Promise.resolve({ outcome: 'found', pump: kind } as const);
  return { config, pumps: (await checkPumps(config.pumps, find)).usable };
}
type Read = Awaited<ReturnType<typeof read>>;

const noFiles = () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOENT' }));
const changes = async (before: Read, after: Read) =>
  differenceOf(await fingerprintsOf(before, noFiles), await fingerprintsOf(after, noFiles));
const unchanged = (...routes: readonly string[]) => ({
  ...{ added: [], removed: [], changed: [] },
  unchanged: routes,
});

describe('The difference of two configurations', () => {
  it('names the routes that are added, removed, changed and unchanged', async () => {
    const before = await read({ a: entry(), b: entry({ url: 'one' }), c: entry() });
    const after = await read({ c: entry(), b: entry({ url: 'two' }), d: entry() });

    expect(await changes(before, after)).toEqual({
      ...{ added: ['D'], removed: ['A'], changed: ['B'], unchanged: ['C'] },
    });
  });

  it('does not go by where something was said, or in which order', async () => {
    const before = await read({ a: entry({ url: 'x', password: 'p' }), b: entry() });
    const after = await read({ b: entry(), a: entry({ password: 'p', url: 'x' }, { timeout: 0 }) });

    expect(await changes(before, after)).toEqual(unchanged('B', 'A'));
  });

  it.each<[string, Entry, Entry]>([
    ['a filter of Tyk’s', {}, { filters: { api_ids: ['1'] } }],
    ['rules of its records', {}, { filter: 'status:5xx' }],
    ['what is redacted', { redact: [] }, { redact: ['secrets'] }],
    ['a limit', {}, { limits: { records: 3 } }],
    ['a deadline', {}, { timeout: 3 }],
    ['an edit', {}, { omit_detailed_recording: true }],
  ])('sees %s', async (_what, one, other) => {
    const before = await read({ a: entry({}, one), b: entry() });
    const after = await read({ a: entry({}, other), b: entry() });

    expect((await changes(before, after)).changed).toEqual(['A']);
  });

  it('sees what every route is made with', async () => {
    const before = await read({ a: entry(), b: entry({}, { timeout: 3 }) });
    for (const own of [
      ...[{ attempt_timeout: '7s' }, { backoff_base: '7ms' }, { in_flight_bytes: '7MiB' }],
      ...[{ dead_letter_bytes: '7MiB' }, { records: { redact: ['secrets'] } }],
    ])
      expect(
        (await changes(before, await read({ a: entry(), b: entry({}, { timeout: 3 }) }, { own })))
          .changed,
      ).toEqual(['A', 'B']);
    for (const own of [{ retained_bytes: '7MiB' }, { orphan_after: '7h' }, { workers: 7 }])
      expect(
        (await changes(before, await read({ a: entry(), b: entry({}, { timeout: 3 }) }, { own })))
          .changed,
      ).toEqual([]);
  });

  it('sees a secret that is otherwise under the same reference, in the file and in a variable', async () => {
    const pumps = { a: entry({ password: 'kv://here/one' }), b: entry(), c: entry() };
    const env = { TYK_PMP_PUMPS_C_META_PASSWORD: 'kv://here/two' };
    const before = await read(pumps, { env: { ...env, SECRET_one: 'x', SECRET_two: 'y' } });
    const one = await read(pumps, { env: { ...env, SECRET_one: 'z', SECRET_two: 'y' } });
    const two = await read(pumps, { env: { ...env, SECRET_one: 'x', SECRET_two: 'z' } });

    expect((await changes(before, one)).changed).toEqual(['A']);
    expect((await changes(before, two)).changed).toEqual(['C']);
  });

  it('sees a certificate that is otherwise under the same name, or gone', async () => {
    const some = await read({ a: entry({ ssl_ca_file: '/ca.pem' }), b: entry() });
    const of = (text: string) => fingerprintsOf(some, () => Promise.resolve(Buffer.from(text)));
    const gone = await fingerprintsOf(some, noFiles);

    expect(differenceOf(await of('one'), await of('one')).changed).toEqual([]);
    expect(differenceOf(await of('one'), await of('two')).changed).toEqual(['A']);
    expect(differenceOf(await of('one'), gone).changed).toEqual(['A']);
  });
});
