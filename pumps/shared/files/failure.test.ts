import { expect, it } from 'vitest';
import { failureOf } from '#pump/testing';
import { verdictOf } from './failure.ts';

it.each([
  ['ENOSPC', 'throttled'],
  ['EDQUOT', 'throttled'],
  ['EFBIG', 'throttled'],
  ['EMFILE', 'throttled'],
  ['EACCES', 'unauthorised'],
  ['EROFS', 'unauthorised'],
  ['ENOTDIR', 'unreachable'],
  ['EIO', 'unreachable'],
  ['ESTALE', 'unreachable'],
  ['ETIMEDOUT', 'timeout'],
  ['ESOMETHING', 'unexpected'],
])('keeps the records on %s, as %s', (code, kind) => {
  const verdict = verdictOf(Object.assign(new Error(`${code}: what the system said`), { code }));

  expect(verdict.outcome).toBe('retry');
  expect(failureOf(verdict)).toMatchObject({ kind, message: `${code}: what the system said` });
});
