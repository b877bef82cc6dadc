import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import { Secret } from './secret.ts';

describe('A digest', () => {
  it('is the same for the same, in whatever order it was written', () => {
    expect(digestOf({ a: 1, b: [new Secret('x')] })).toBe(digestOf({ b: [new Secret('x')], a: 1 }));
  });

  it.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: new Secret('one') }, { a: new Secret('two') }],
    [{ a: new Secret('one') }, { a: 'one' }],
    [{ a: undefined }, { a: null }],
    [{ a: new Map([['k', 1]]) }, { a: new Map([['k', 2]]) }],
    [{ a: /x/ }, { a: /y/ }],
    [{ a: new URL('http://a/') }, { a: new URL('http://b/') }],
  ])('tells %o from %o', (one, other) => {
    expect(digestOf(one)).not.toBe(digestOf(other));
  });
});
