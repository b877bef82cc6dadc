import { expect, it } from 'vitest';
import { seconds } from '../../lib/units.ts';
import { judgeStatus } from './status.ts';

const message = 'words';

it.each([
  [301, 'unexpected'],
  [400, 'unexpected'],
  [401, 'unauthorised'],
  [403, 'unauthorised'],
  [404, 'unexpected'],
  [408, 'timeout'],
  [429, 'throttled'],
  [500, 'unexpected'],
  [502, 'unreachable'],
  [503, 'unreachable'],
  [504, 'timeout'],
])('a request refused with %i comes again when the server says: %s', (status, kind) => {
  const verdict = judgeStatus({ status, retryAfter: seconds(7) }, { count: 3, message });

  expect(verdict).toEqual({ outcome: 'retry', failure: { kind, message }, after: 7_000 });
});

it('a protocol may know better what a status means', () => {
  expect(judgeStatus({ status: 503 }, { count: 1, message, kind: 'throttled' })).toEqual({
    outcome: 'retry',
    failure: { kind: 'throttled', message },
  });
});

it('too many records are halved, whatever the server says of later', () => {
  expect(judgeStatus({ status: 413, retryAfter: seconds(7) }, { count: 2, message })).toEqual({
    outcome: 'retry',
    failure: { kind: 'oversize', message },
  });
});

it('a record that is too large alone is rejected', () => {
  expect(judgeStatus({ status: 413 }, { count: 1, message })).toEqual({
    outcome: 'reject',
    failure: { kind: 'oversize', message },
  });
});

it('a single record is kept where the server says that its limit will pass', () => {
  expect(judgeStatus({ status: 413, retryAfter: seconds(7) }, { count: 1, message })).toEqual({
    outcome: 'retry',
    failure: { kind: 'throttled', message },
    after: 7_000,
  });
});
