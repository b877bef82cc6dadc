import { describe, expect, it } from 'vitest';
import { systemClock } from '#source';
import { createResolver, type Lookup } from './resolver.ts';

function resolverOf(lookup: Lookup, time = 5_000) {
  let now = 0;
  const asked: string[] = [];
  const clock = { ...systemClock, elapsed: () => now as ReturnType<typeof systemClock.elapsed> };
  const resolver = createResolver(
    (name) => {
      asked.push(name);
      return lookup(name);
    },
    { clock, time },
  );
  return { resolver, asked, pass: (milliseconds: number) => (now += milliseconds) };
}

describe('createResolver', () => {
  it('gives each address once, in one spelling', async () => {
    const { resolver } = resolverOf(() =>
      Promise.resolve(['2001:DB8::0:1', '::ffff:1.2.3.4', '1.2.3.4']),
    );
    expect(await resolver.resolve('a.example')).toEqual({
      ok: true,
      addresses: ['2001:db8::1', '1.2.3.4'],
    });
  });

  it('asks once while an answer is on its way, and again when it has got old', async () => {
    const { resolver, asked, pass } = resolverOf(() => Promise.resolve(['1.2.3.4']));
    await Promise.all([resolver.resolve('a.example'), resolver.resolve('a.example')]);
    pass(4_999);
    await resolver.resolve('a.example');
    expect(asked).toHaveLength(1);
    pass(1);
    await resolver.resolve('a.example');
    expect(asked).toHaveLength(2);
  });

  it('says which name has no address, and asks again soon', async () => {
    const { resolver, asked, pass } = resolverOf(() =>
      Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })),
    );
    const answer = {
      ok: false,
      words: 'the address of a.example could not be looked up (ENOTFOUND)',
    };
    expect(await resolver.resolve('a.example')).toEqual(answer);
    pass(999);
    await resolver.resolve('a.example');
    expect(asked).toHaveLength(1);
    pass(1);
    await resolver.resolve('a.example');
    expect(asked).toHaveLength(2);
  });

  it('says it where an answer is empty', async () => {
    const { resolver } = resolverOf(() => Promise.resolve([]));
    expect(await resolver.resolve('a.example')).toEqual({
      ok: false,
      words: 'a.example has no address',
    });
  });
});
