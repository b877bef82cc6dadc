import { describe, expect, it } from 'vitest';
import { secretSamples } from './corpus.testing.ts';
import { leaksIn } from './deep-decode.testing.ts';
import { compileRedaction } from './rules.ts';
import { allPresets, MemoryTexts } from './texts.testing.ts';

const samples = secretSamples();
/** Without those that differ in the framing alone. */
const plain = samples.filter(({ name }) => !/chunks of|gzip$|response/.test(name));
const hashKey = 'a key for the tests only';

describe.each([
  ['mask', samples, await compileRedaction(allPresets)],
  ['hash', plain, await compileRedaction({ ...allPresets, mode: 'hash', hashKey })],
  ['remove', plain, await compileRedaction({ ...allPresets, mode: 'remove' })],
])('mode %s', (_, its, redaction) => {
  it.each(its)('finds every secret, once: $name', ({ fields, secrets, sentinels }) => {
    const texts = new MemoryTexts(fields);

    const { places } = redaction.redact(texts);

    const left = texts.all();
    const found = left.flatMap((bytes) => leaksIn(bytes, [...secrets, ...sentinels]));
    expect(places).toBeGreaterThan(0);
    expect(secrets.filter((secret) => found.includes(secret))).toEqual([]);
    expect(sentinels.filter((sentinel) => !found.includes(sentinel))).toEqual([]);
    redaction.redact(texts);
    expect(texts.all().map(String)).toEqual(left.map(String));
  });
});

describe('the decoder of these tests', () => {
  it.each(plain.filter(({ name }) => !/cut off|zstd|garbage|repeated$/.test(name)))(
    'finds the secrets before: $name',
    ({ fields, secrets }) => {
      const found = new MemoryTexts(fields).all().flatMap((bytes) => leaksIn(bytes, secrets));

      expect(secrets.filter((secret) => !found.includes(secret))).toEqual([]);
    },
  );
});
