import { MongoNetworkError, MongoNetworkTimeoutError, MongoServerError } from 'mongodb';
import { describe, expect, it, test } from 'vitest';
import { failureOfCode, isPassing, retryAfterIn, verdictOfError } from './failure.ts';

const serverError = (code: number, errmsg = 'no', codeName = 'Name') =>
  new MongoServerError({ ok: 0, code, errmsg, codeName });

describe('what an error of the driver means', () => {
  test.each([
    [serverError(13, 'not authorized on tyk'), 'retry', 'unauthorised'],
    [serverError(18, 'Authentication failed.'), 'retry', 'unauthorised'],
    [serverError(10107, 'not primary'), 'retry', 'unreachable'],
    [serverError(11600, 'interrupted at shutdown'), 'retry', 'unreachable'],
    [serverError(50, 'operation exceeded time limit'), 'retry', 'timeout'],
    [serverError(64, 'waiting for replication timed out'), 'retry', 'timeout'],
    [serverError(112, 'WriteConflict'), 'retry', 'throttled'],
    [serverError(16500, 'Request rate is large'), 'retry', 'throttled'],
    [serverError(14031, 'no space left'), 'retry', 'throttled'],
    [serverError(59, 'no such command'), 'retry', 'unexpected'],
    [serverError(166, 'is a view'), 'retry', 'unexpected'],
    [serverError(121, 'Document failed validation'), 'reject', 'invalid'],
    [serverError(10334, 'BSONObj size is invalid'), 'reject', 'oversize'],
    [serverError(1, 'Request size is too large'), 'reject', 'oversize'],
    [new MongoNetworkError('connect ECONNREFUSED'), 'retry', 'unreachable'],
    [new MongoNetworkTimeoutError('timed out'), 'retry', 'timeout'],
    [new DOMException('no answer within 5 s', 'TimeoutError'), 'retry', 'timeout'],
    [new Error('who knows'), 'retry', 'unexpected'],
    ['no error at all', 'retry', 'unexpected'],
  ])('%s', (error, outcome, kind) => {
    expect(verdictOfError(error)).toMatchObject({ outcome, failure: { kind } });
  });

  it('says with its own options what is wrong with a certificate', () => {
    const cause = Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });

    expect(verdictOfError(new MongoNetworkError('self-signed', { cause }))).toMatchObject({
      failure: {
        kind: 'unexpected',
        message: expect.stringMatching(/in mongo_ssl_ca_file$/) as string,
      },
    });
  });

  it('waits as long as CosmosDB wants', () => {
    expect(verdictOfError(serverError(16500, 'TooManyRequests; RetryAfterMs=34, x'))).toMatchObject(
      { after: 34 },
    );
    expect(retryAfterIn('RetryAfterMs=a')).toBeUndefined();
  });

  it('tells what passes by itself from what does not', () => {
    expect(isPassing(verdictOfError(serverError(10107)))).toBe(true);
    expect(isPassing(verdictOfError(serverError(13)))).toBe(false);
    expect(isPassing(verdictOfError(serverError(121)))).toBe(false);
  });
});

test.each([
  [
    'not authorized on tyk to execute command { insert: "calls" }',
    'not authorized on tyk to execute command',
  ],
  ['Can’t extract geo keys: { path: "/secret" }', 'Can’t extract geo keys:'],
  ['Plan executor error: "secret"', 'Plan executor error:'],
  ['', ''],
])('of the words of a server those before a document are told: %s', (message, words) => {
  const told = words === '' ? 'code 2' : `${words} (code 2)`;

  expect(failureOfCode(2, message).message).toBe(`The server refuses: ${told}`);
});
