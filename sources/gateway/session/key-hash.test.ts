import { describe, expect, it } from 'vitest';
import { candidates, keyOf, storedKey } from './key-hash.ts';

const naming = { isHashed: true, hash: 'murmur64' } as const;

describe('a key in Redis and in records', () => {
  it('is the hash of nothing where there is none, as in the records of a real gateway', () => {
    expect(storedKey('', naming)).toBe('00000000');
  });

  it.each([
    ['hello', '248bfa47'],
    ['{"h":"murmur64"}', 'murmur64'],
    ['{"h":"murmur128"}', 'murmur128'],
    ['{"h":"sha256"}', 'sha256'],
    ['{"h":"unheard of"}', 'murmur64'],
  ])('is hashed as it says itself (%s)', (contents, expected) => {
    const key = contents.startsWith('{') ? Buffer.from(contents).toString('base64') : contents;
    const digits = { murmur64: 16, murmur128: 32, sha256: 64 }[expected];
    const stored = storedKey(key, naming);
    if (digits === undefined) expect(stored).toBe(expected);
    else expect(stored).toMatch(new RegExp(`^[0-9a-f]{${digits}}$`));
  });

  it('is itself where keys are not hashed', () => {
    expect(storedKey('hello', { ...naming, isHashed: false })).toBe('hello');
    expect(storedKey('', { ...naming, isHashed: false })).toBe('');
  });

  it.each(['ey', 'ey!!', `ey${'A'.repeat(10_000)}`, Buffer.from('{"h":1}').toString('base64')])(
    'is hashed in the oldest way where it only looks like JSON (%#)',
    (key) => {
      expect(storedKey(key, naming)).toMatch(/^[0-9a-f]{8}$/);
    },
  );
});

describe('a key that the gateway makes', () => {
  it('says its organisation, its id and its hash', () => {
    const key = keyOf('org', 'abc', naming);
    expect(JSON.parse(Buffer.from(key, 'base64').toString())).toEqual({
      ...{ org: 'org', id: 'abc', h: 'murmur64' },
    });
  });

  it('is both ids behind each other in the oldest way, the organisation once', () => {
    expect(keyOf('org', 'abc', { ...naming, hash: '' })).toBe('orgabc');
    expect(keyOf('org', 'orgabc', { ...naming, hash: '' })).toBe('orgabc');
  });
});

describe('where a session is looked for', () => {
  it('is under the key alone where it names the organisation', () => {
    const key = keyOf('org', 'abc', naming);
    expect(candidates(key, 'org', naming)).toEqual([key]);
  });

  it('is under the key made of it first where it is an id', () => {
    expect(candidates('abc', 'org', naming)).toEqual([keyOf('org', 'abc', naming), 'abc']);
  });

  it('is under the key alone where the two are the same', () => {
    expect(candidates('abc', '', { ...naming, hash: '' })).toEqual(['abc']);
  });
});
