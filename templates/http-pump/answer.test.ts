import { describe, expect, it } from 'vitest';
import { judgeAnswer } from './answer.ts';

const answer = (status: number) => ({ status, headers: {}, body: '' });

describe('an answer', () => {
  it.each([
    [200, { outcome: 'delivered' }],
    [204, { outcome: 'delivered' }],
    [301, { outcome: 'retry', failure: { kind: 'unexpected' } }],
    [400, { outcome: 'reject', failure: { kind: 'invalid' } }],
    [401, { outcome: 'retry', failure: { kind: 'unauthorised' } }],
    [422, { outcome: 'reject', failure: { kind: 'invalid' } }],
    [429, { outcome: 'retry', failure: { kind: 'throttled' } }],
    [500, { outcome: 'retry', failure: { kind: 'unexpected' } }],
    [503, { outcome: 'retry', failure: { kind: 'unreachable' } }],
  ])('of %i is told as %j', (status, expected) => {
    expect(judgeAnswer(answer(status), 2)).toMatchObject(expected);
  });

  it('of 413 is a batch too large, and at last a record too large', () => {
    expect(judgeAnswer(answer(413), 2)).toMatchObject({ outcome: 'retry' });
    expect(judgeAnswer(answer(413), 1)).toMatchObject({
      outcome: 'reject',
      failure: { kind: 'oversize' },
    });
  });
});
