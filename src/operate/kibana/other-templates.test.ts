import { describe, expect, it } from 'vitest';
import { matches, otherTemplates } from './other-templates.ts';

describe('a pattern', () => {
  it.each([
    ['*', 'calls'],
    ['calls', 'calls'],
    ['calls*', 'calls'],
    ['c*s', 'calls'],
    ['*ll*', 'calls'],
    ['a*b*c', 'aXbXc'],
  ])('%s is for %s', (pattern, name) => {
    expect(matches(pattern, name)).toBe(true);
  });

  it.each([
    ['call', 'calls'],
    ['calls-*', 'calls'],
    ['*x*', 'calls'],
    ['aa*aa', 'aaa'],
    ['', 'calls'],
  ])('%j is not for %s', (pattern, name) => {
    expect(matches(pattern, name)).toBe(false);
  });

  it('that goes on and on is compared at once', () => {
    expect(matches(`${'a*'.repeat(2_000)}b`, 'a'.repeat(10_000))).toBe(false);
  });
});

it('finds templates of both kinds that are for the same indices, and not our own', () => {
  const one = (name: string, index_patterns: readonly string[], priority?: number) => ({
    name,
    index_template: { index_patterns, ...(priority === undefined ? {} : { priority }) },
  });
  const composable = {
    index_templates: [
      one('ours', ['calls']),
      one('theirs', ['x', 'cal*'], 7),
      one('logs', ['logs-*-*']),
    ],
  };
  const legacy = { old: { index_patterns: ['*'], order: 1 }, other: { index_patterns: ['o*'] } };

  expect(otherTemplates({ composable, legacy }, { own: 'ours', samples: ['calls'] })).toEqual([
    { kind: 'index template', name: 'theirs', patterns: ['x', 'cal*'], priority: 7 },
    { kind: 'legacy template', name: 'old', patterns: ['*'], priority: 1 },
  ]);
  expect(
    otherTemplates({ composable: null, legacy: 'no' }, { own: '', samples: ['calls'] }),
  ).toEqual([]);
});
