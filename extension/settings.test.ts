import { describe, expect, it } from 'vitest';
import { defaults, isWanted, problemsOf, readSettings, type Settings } from './settings.ts';

const settings = (some: Partial<Settings>): Settings => ({
  ...{ ...defaults, include: ['api.example.com'] },
  ...some,
});

describe('settings', () => {
  it('send nothing where nothing was stored, or nonsense', () => {
    for (const stored of [undefined, null, 7, { isOn: 'yes', include: 'all', address: 1 }])
      expect(readSettings(stored)).toEqual(defaults);
    expect(problemsOf(defaults)).toHaveLength(1);
  });

  it.each<[string, Partial<Settings>, readonly RegExp[]]>([
    ['this machine', {}, []],
    ['this machine by version 6', { address: 'http://[::1]:8086/' }, []],
    ['another machine', { address: 'https://sluice.example/', token: 'secret' }, []],
    [
      'another machine in the clear, of everybody',
      { address: 'http://sluice.example/' },
      [/https/, /Token/],
    ],
    [
      'a name that only looks like this machine',
      { address: 'http://127.0.0.1.example/' },
      [/https/, /Token/],
    ],
    ['no address', { address: 'sluice' }, [/URL/]],
    ['another protocol', { address: 'ftp://127.0.0.1/' }, [/URL/]],
    ['no host', { include: [] }, [/at least one/]],
    [
      'hosts that are none',
      { include: ['https://a.example'], exclude: ['*a'] },
      [/to send.*https/, /leave out.*\*a/],
    ],
    ['a token with a space', { token: 'a b' }, [/without spaces/]],
  ])('for %s', (_, some, expected) => {
    const problems = problemsOf(settings(some));

    expect(problems).toHaveLength(expected.length);
    for (const [at, words] of expected.entries()) expect(problems[at]).toMatch(words);
  });
});

describe('calls that are sent', () => {
  it.each<[string, readonly string[], readonly string[], boolean]>([
    ['https://api.example.com/x', ['api.example.com'], [], true],
    ['https://API.example.com:8443/x', ['Api.Example.com'], [], true],
    ['https://a.api.example.com/', ['api.example.com'], [], false],
    ['https://a.b.example.com/', ['*.example.com'], [], true],
    ['https://example.com/', ['*.example.com'], [], false],
    ['https://badexample.com/', ['*.example.com'], [], false],
    ['https://any.example/', ['*'], [], true],
    ['https://bank.example/', ['*'], ['bank.example'], false],
    ['https://www.bank.example/', ['*'], ['*.bank.example'], false],
    ['https://any.example/', [], [], false],
    ['chrome-extension://abc/x.js', ['*'], [], false],
    ['data:text/plain,x', ['*'], [], false],
    ['no address', ['*'], [], false],
    // Sending would go on by itself.
    ['http://127.0.0.1:8086/', ['*'], [], false],
    ['http://127.0.0.1:3000/', ['*'], [], true],
  ])('%s of %j without %j: %s', (url, include, exclude, wanted) => {
    expect(isWanted(url, settings({ include, exclude }))).toBe(wanted);
  });
});
