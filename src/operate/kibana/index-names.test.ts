import { describe, expect, it } from 'vitest';
import {
  problemOfName,
  problemOfOwnName,
  problemOfPatterns,
  problemOfSpace,
} from './index-names.ts';

describe('the name of an index', () => {
  it.each(['tyk_analytics', 'calls-2026.01.31', 'a'])('%s is one', (name) => {
    expect(problemOfName(name)).toBeUndefined();
  });

  it.each([
    ['', 'has a name'],
    ['calls*', 'without "*"'],
    ['Calls', 'lower case'],
    ['_all', 'at its beginning'],
    ['-calls', 'at its beginning'],
    ['.kibana', 'at its beginning'],
    ['..', 'at its beginning'],
    ['a/../b', 'no \\'],
    ['a,b', 'no \\'],
    ['a b', 'no \\'],
    ['a\nb', 'no \\'],
    ['a#b', 'no \\'],
    ['x'.repeat(256), 'at most 255'],
  ])('%j is none', (name, problem) => {
    expect(problemOfName(name)).toContain(problem);
  });
});

describe('patterns', () => {
  it.each(['tyk_analytics*', 'calls-*,mcp-*', 'other:calls-*', '*:calls', 'calls-*,-calls-2025*'])(
    '%s are such',
    (text) => {
      expect(problemOfPatterns(text)).toBeUndefined();
    },
  );

  it.each(['', '*', '*:*', '**', 'a,,b', 'a,', 'A*', 'a*"b', '-', '_all', '../x', 'a b', '<x>'])(
    '%j are none',
    (text) => {
      expect(problemOfPatterns(text)).toBeDefined();
    },
  );
});

it('names of our own and ids of spaces are plain', () => {
  expect(problemOfOwnName('sluice-tyk_analytics')).toBeUndefined();
  for (const name of ['', 'A', '-a', 'a*', 'a/b', 'a@b', 'a'.repeat(101)])
    expect(problemOfOwnName(name), name).toBeDefined();
  expect(problemOfSpace('my-team_1')).toBeUndefined();
  for (const space of ['', '../x', 'a/b', 'A b'])
    expect(problemOfSpace(space), space).toBeDefined();
});
