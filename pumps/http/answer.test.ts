import { describe, expect, it } from 'vitest';
import { judgeAnswer } from './answer.ts';

const answer = (status: number) => ({ status, headers: {}, body: '' });

describe('an answer', () => {
  it.each([
    [200, { outcome: 'delivered' }],
    [202, { outcome: 'delivered' }],
    [204, { outcome: 'delivered' }],
    [206, { outcome: 'retry', failure: { kind: 'unexpected' } }],
    [207, { outcome: 'retry', failure: { kind: 'unexpected' } }],
    [301, { outcome: 'retry', failure: { kind: 'unexpected' } }],
    [400, { outcome: 'reject', failure: { kind: 'invalid' } }],
    [401, { outcome: 'retry', failure: { kind: 'unauthorised' } }],
    [422, { outcome: 'reject', failure: { kind: 'invalid' } }],
    [429, { outcome: 'retry', failure: { kind: 'throttled' } }],
    [500, { outcome: 'retry', failure: { kind: 'unexpected' } }],
    [503, { outcome: 'retry', failure: { kind: 'unreachable' } }],
  ])('of %i is told as %j', (status, expected) => {
    expect(judgeAnswer(answer(status), 2, {})).toMatchObject(expected);
  });

  it('of 413 is a batch too large, and at last a record too large', () => {
    expect(judgeAnswer(answer(413), 2, {})).toMatchObject({ outcome: 'retry' });
    expect(judgeAnswer(answer(413), 1, {})).toMatchObject({
      outcome: 'reject',
      failure: { kind: 'oversize' },
    });
  });

  it.each([
    [409, 'delivered', undefined],
    [404, 'reject', 'invalid'],
    [200, 'reject', 'invalid'],
    [501, 'retry', 'unexpected'],
    [503, 'retry', 'unreachable'],
    [429, 'retry', 'throttled'],
    [413, 'retry', 'unexpected'],
    [400, 'reject', 'invalid'],
  ])('of %i is %s where the operator says so, by status before class', (status, outcome, kind) => {
    const statuses = { 409: 'delivered', '4xx': 'reject', 429: 'retry', 413: 'retry' };
    const more = { 200: 'reject', '5xx': 'retry' };

    const verdict = judgeAnswer(answer(status), 1, { ...statuses, ...more });

    expect(verdict).toMatchObject(
      kind === undefined ? { outcome } : { outcome, failure: { kind } },
    );
  });

  it('is not repeated in a reason, for it may hold what a record holds', () => {
    const said = { ...answer(400), body: '{"error":"bad value: hunter2"}' };

    expect(JSON.stringify(judgeAnswer(said, 1, {}))).not.toContain('hunter2');
  });
});
