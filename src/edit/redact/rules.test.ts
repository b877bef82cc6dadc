import { describe, expect, it } from 'vitest';
import { patternProblems, problemsOf, type RedactionRules } from './rules.ts';
import { noRules } from './texts.testing.ts';

const found = (rules: Partial<RedactionRules>) =>
  problemsOf({ ...noRules, ...rules }).map(
    ({ key, found: value, expected }) => `${key}: ${value}, ${expected}`,
  );

describe('problems of rules', () => {
  it.each<[Partial<RedactionRules>, string]>([
    [{ json: ['a..b'] }, 'json[0]: "a..b", a name, * or ** at character 3'],
    [{ json: ['a[x]'] }, 'json[0]: "a[x]", a number, * or a name in quotes, and ] at character 3'],
    [{ json: ['$a'] }, 'json[0]: "$a", a dot or a bracket at character 2'],
    [{ json: ['a.**'] }, 'json[0]: "a.**", a name behind ** at character 5'],
    [{ json: ['a b'] }, 'json[0]: "a b", a dot or a bracket at character 2'],
    [{ json: [''] }, 'json[0]: "", a name at character 1'],
    [{ headers: ['a b'] }, 'headers[0]: "a b", the name of a header'],
    [{ cookies: ['x', ' '] }, 'cookies[1]: " ", a name'],
    [
      { fields: ['alias', 'nothing'] },
      'fields[1]: "nothing", a field of the record that is a text or a list',
    ],
    [
      { fields: ['response_code'] },
      'fields[0]: "response_code", a field of the record that is a text or a list',
    ],
    [{ mode: 'hash' }, 'hash_key: none, a key of at least 16 characters, for hash'],
    [
      { ip: 'hash', hashKey: 'short' },
      'hash_key: a shorter one, a key of at least 16 characters, for hash',
    ],
    [{ decodedBytes: 0.5 }, 'decoded_bytes: 0.5, a whole number of bytes above 0'],
  ])('%j', (rules, expected) => {
    expect(found(rules)).toEqual([expected]);
  });

  it('are none in rules that work', () => {
    const rules: Partial<RedactionRules> = {
      json: ['$.a[*].b', '**.c', 'x[0]["y z"]', "a['b']", '$["a"].*'],
      headers: ['X-Mine'],
      fields: ['tags', 'graphql_stats.Variables'],
      mode: 'hash',
      hashKey: 'long enough for this',
    };

    expect(found(rules)).toEqual([]);
  });

  it.each([
    ['(a', 'a regular expression of RE2: '],
    ['(?=a)', 'a regular expression of RE2: '],
    ['a*', 'a pattern that does not match the empty text'],
  ])('pattern %s', async (pattern, expected) => {
    const problems = await patternProblems({ ...noRules, patterns: ['fine', pattern] });

    expect(problems.map(({ key }) => key)).toEqual(['patterns[1]']);
    expect(problems[0]?.expected).toContain(expected);
  });
});
