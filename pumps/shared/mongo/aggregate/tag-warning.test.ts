import { expect, it, test } from 'vitest';
import { aContext } from '#pump/testing';
import { memberName } from './keys.ts';
import { commonPrefixes, tagWarning } from './tag-warning.ts';

const key = { collection: 'c', orgId: 'o', apiId: undefined, start: 0, length: 3_600 };
const bucket = (tags: readonly string[]) => ({ namesOf: () => tags });

it('names what many tags begin with, the most frequent first', () => {
  const tags = ['user-1', 'user-2', 'user-3', 'b', 'order:7', 'order:8'];

  expect(commonPrefixes(tags)).toEqual(['user-', 'order:']);
});

it('takes no longer for many tags than sorting them', () => {
  const tags = Array.from({ length: 100_000 }, (_, at) => `user-${at}`);

  expect(commonPrefixes(tags).length).toBeLessThanOrEqual(10);
});

test.each([
  [2, 1],
  [4, 0],
  [-1, 0],
])('with a threshold of %i three tags are worth %i lines', (threshold, lines) => {
  const context = aContext();
  const warn = tagWarning(threshold, context.log);

  warn(key, bucket(['a1', 'a2', 'a3']));
  warn(key, bucket(['a1', 'a2', 'a3', 'a4']));

  expect(context.lines).toHaveLength(lines);
});

test.each([
  ['plain', 'plain'],
  ['a.b.c', 'a\\u2eb\\u2ec'],
  ['$where', '\\u24where'],
  ['a$', 'a$'],
  ['\0x', '\\u00x'],
])('a member for %j is called %j', (value, name) => {
  expect(memberName(value)).toBe(name);
});
