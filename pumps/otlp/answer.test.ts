import { describe, expect, it } from 'vitest';
import { millis } from '#pump';
import { judgeAnswer } from './answer.ts';
import { judgeCall } from './grpc/status.ts';

const protobuf = 'application/x-protobuf';

const answer = (status: number, bytes = Buffer.alloc(0), type = protobuf) => ({
  ...{ status, bytes, headers: { 'content-type': type } },
  body: bytes.toString(),
});
const taken = { ok: true, refused: 0 };
const verdict = (outcome: string, kind: string) => ({
  ok: false,
  verdict: { outcome, failure: { kind } },
});
const strange = verdict('retry', 'unexpected');

/** `ExportLogsServiceResponse { partial_success { rejected: n, error_message: "no" } }`. */
const partly = (rejected: readonly number[]) =>
  Buffer.from([0x0a, rejected.length + 5, 0x08, ...rejected, 0x12, 0x02, 0x6e, 0x6f]);

describe('an answer over HTTP', () => {
  it.each([
    [200, taken],
    [202, taken],
    [204, taken],
    [206, strange],
    [301, strange],
    [400, verdict('reject', 'invalid')],
    [401, verdict('retry', 'unauthorised')],
    [403, verdict('retry', 'unauthorised')],
    [404, strange],
    [415, strange],
    [422, verdict('reject', 'invalid')],
    [429, verdict('retry', 'throttled')],
    [500, strange],
    [502, verdict('retry', 'unreachable')],
    [503, verdict('retry', 'unreachable')],
    [504, verdict('retry', 'timeout')],
  ])('of %i is told as %j', (status, expected) => {
    expect(judgeAnswer(answer(status), 2)).toMatchObject(expected);
  });

  it('of 413 is a request too large, and at last a record too large', () => {
    expect(judgeAnswer(answer(413), 2)).toMatchObject(verdict('retry', 'oversize'));
    expect(judgeAnswer(answer(413), 1)).toMatchObject(verdict('reject', 'oversize'));
  });

  it('says when to come again', () => {
    const said = judgeAnswer({ ...answer(503), retryAfter: millis(7_000) }, 2);

    expect(said).toMatchObject({ verdict: { outcome: 'retry', after: 7_000 } });
  });

  it.each([
    ['nothing', '', taken],
    ['a message', Buffer.from([0x0a, 0]), taken],
    ['words alone', Buffer.from([0x0a, 4, 0x12, 2, 0x6e, 0x6f]), taken],
    ['so many refused', partly([3]), { ok: true, refused: 3 }],
    ['very many refused', partly([0xac, 0x02]), { ok: true, refused: 300 }],
    ['a field to come', Buffer.from([0x0a, 0, 0x50, 1]), taken],
    ['a message cut off', Buffer.from([0x0a, 9, 0x08]), strange],
    ['what is no message', Buffer.from('<html>'), strange],
  ])('with %s as protobuf', (_, body, expected) => {
    expect(judgeAnswer(answer(200, Buffer.from(body)), 9)).toMatchObject(expected);
  });

  it.each([
    ['{}', taken],
    ['{"partialSuccess":{}}', taken],
    ['{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"no"}}', { ok: true, refused: 3 }],
    ['{"partialSuccess":{"rejectedDataPoints":2}}', { ok: true, refused: 2 }],
    ['{"partial_success":{"rejected_log_records":1}}', { ok: true, refused: 1 }],
    ['{"partialSuccess":{"rejectedLogRecords":"some"}}', strange],
    ['OK', strange],
  ])('with %s as JSON', (body, expected) => {
    expect(judgeAnswer(answer(200, Buffer.from(body), 'application/json'), 9)).toMatchObject(
      expected,
    );
  });

  it('that is a page of somebody else is none', () => {
    const page = answer(200, Buffer.from('welcome'), 'text/html; charset=utf-8');

    expect(judgeAnswer(page, 9)).toMatchObject(strange);
  });

  it('does not repeat what it says', () => {
    const said = judgeAnswer(answer(400, Buffer.from('cannot take a-secret')), 2);

    expect(JSON.stringify(said)).not.toContain('a-secret');
  });
});

/** `google.rpc.Status` with a `RetryInfo` of 1.5 seconds. */
const retryInfo = Buffer.concat([
  Buffer.from([0x08, 14, 0x1a, 54, 0x0a, 40]),
  Buffer.from('type.googleapis.com/google.rpc.RetryInfo'),
  Buffer.from([0x12, 10, 0x0a, 8, 0x08, 1, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01]),
]);

describe('a call of gRPC', () => {
  it.each([
    [1, 'retry', 'unreachable'],
    [2, 'retry', 'unexpected'],
    [3, 'reject', 'invalid'],
    [4, 'retry', 'timeout'],
    [5, 'retry', 'unexpected'],
    [7, 'retry', 'unauthorised'],
    [8, 'retry', 'throttled'],
    [10, 'retry', 'unreachable'],
    [12, 'retry', 'unexpected'],
    [13, 'retry', 'unexpected'],
    [14, 'retry', 'unreachable'],
    [15, 'retry', 'unexpected'],
    [16, 'retry', 'unauthorised'],
    [99, 'retry', 'unexpected'],
    [NaN, 'retry', 'unexpected'],
  ])('that ends with %i is %s, %s', (status, outcome, kind) => {
    expect(judgeCall({ status, message: 'a-secret', details: '' }, 2)).toMatchObject({
      outcome,
      failure: { kind, message: expect.not.stringContaining('a-secret') as unknown },
    });
  });

  it('with a message that is too large is one of fewer records', () => {
    const end = {
      ...{ status: 8, details: '' },
      message: 'grpc: received message larger than max (9 vs. 8)',
    };

    expect(judgeCall(end, 2)).toMatchObject({ outcome: 'retry', failure: { kind: 'oversize' } });
    expect(judgeCall(end, 1)).toMatchObject({ outcome: 'reject', failure: { kind: 'oversize' } });
  });

  it.each([8, 14])('with %i says when to come again', (status) => {
    // Without the padding, as gRPC has it.
    const details = retryInfo.toString('base64').replace(/=+$/, '');

    expect(judgeCall({ status, message: '', details }, 2)).toMatchObject({
      outcome: 'retry',
      after: 1_500,
    });
  });

  it.each(['', 'x', '====', Buffer.from([0x1a, 2, 0x0a, 9]).toString('base64')])(
    'with details that are none (%j) says nothing of it',
    (details) => {
      expect(judgeCall({ status: 14, message: '', details }, 2)).not.toHaveProperty('after');
    },
  );
});
