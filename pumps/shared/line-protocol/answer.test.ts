import { describe, expect, it } from 'vitest';
import { type Batch, type HttpAnswer, millis } from '#pump';
import { aBatch, failureOf } from '#pump/testing';
import { judgeWrite } from './answer.ts';
import { columnsOf, pointValues } from './columns.ts';
import { createLineEncoder, type Lines, lineAt } from './line-encoder.ts';

const encode = createLineEncoder(
  {
    measurement: 'analytics',
    tags: columnsOf(['api_id'], pointValues),
    fields: columnsOf(['path'], pointValues),
  },
  { clock: 'record', dialect: 'strict' },
);

function judged(
  size: number,
  answerTo: Partial<HttpAnswer> | ((lines: readonly string[]) => string),
) {
  const batch: Batch = aBatch(size, (at) => ({ path: `/secret-${at}` }));
  const lines: Lines = encode(batch, millis(0));
  const answer: HttpAnswer =
    typeof answerTo === 'function'
      ? v1(400, answerTo(batch.entries.map((_, at) => lineAt(lines, at))))
      : { status: 0, headers: {}, body: '', ...answerTo };
  return judgeWrite(answer, batch, lines).verdicts;
}

const v1 = (status: number, error: string): HttpAnswer => ({
  ...{ status, headers: {}, body: JSON.stringify({ error }) },
});
const v2 = (status: number, message: string): HttpAnswer => ({
  ...{ status, headers: {}, body: JSON.stringify({ code: 'invalid', message }) },
});
const outcomes = (verdicts: ReturnType<typeof judged>) => verdicts.map(({ outcome }) => outcome);

it('takes 204 for delivered, and no other success', () => {
  expect(outcomes(judged(2, { status: 204 }))).toEqual(['delivered', 'delivered']);
  expect(outcomes(judged(1, { status: 200, body: '<html>' }))).toEqual(['retry']);
});

describe.each([
  [401, 'unauthorised'],
  [403, 'unauthorised'],
  [404, 'unexpected'],
  [405, 'unexpected'],
  [408, 'timeout'],
  [429, 'throttled'],
  [500, 'unexpected'],
  [502, 'unreachable'],
  [503, 'unreachable'],
  [504, 'timeout'],
])('the status %i', (status, kind) => {
  it(`is ${kind}, to be tried again when the server says so`, () => {
    const [verdict] = judged(1, { ...v1(status, 'why'), retryAfter: millis(7_000) });

    expect(verdict).toMatchObject({ outcome: 'retry', after: 7_000, failure: { kind } });
    expect(failureOf(verdict).message).toBe(`The server answered ${status}: why`);
  });
});

it('has a batch halved that is too large', () => {
  const oversize = { failure: { kind: 'oversize' } };

  expect(judged(3, { status: 413 })).toMatchObject(
    Array(3).fill({ outcome: 'retry', ...oversize }),
  );
  expect(judged(1, { status: 413 })).toMatchObject([{ outcome: 'reject', ...oversize }]);
});

describe('a refusal that names lines', () => {
  const refusal = (lines: readonly string[]): string =>
    `unable to parse '${lines[0] ?? ''}': why\nunable to parse '${lines[2] ?? ''}': why: because`;

  it('rejects these; the others of a partial write are stored', () => {
    const verdicts = judged(3, (lines) => `partial write: ${refusal(lines)} dropped=0`);

    expect(outcomes(verdicts)).toEqual(['reject', 'delivered', 'reject']);
    expect(failureOf(verdicts[0]).message).toBe(
      'The server answered 400: partial write: unable to parse […]: why: because dropped=0',
    );
  });

  it('rejects these; the others of a request that was refused as a whole come again', () => {
    expect(outcomes(judged(3, refusal))).toEqual(['reject', 'retry', 'reject']);
  });

  it('leaves it to the courier where a line is not one of the batch', () => {
    const verdicts = judged(3, (lines) => `${refusal(lines)}\nunable to parse 'cut`);

    expect(outcomes(verdicts)).toEqual(['reject', 'reject', 'reject']);
    expect(new Set(verdicts).size).toBe(1);
  });
});

describe('a partial write that only counts', () => {
  const conflict = (dropped: number) =>
    v1(400, `partial write: field type conflict: input field "path" … dropped=${dropped}`);

  it('rejects all where all were dropped, each for itself', () => {
    const verdicts = judged(3, conflict(3));

    expect(outcomes(verdicts)).toEqual(['reject', 'reject', 'reject']);
    expect(new Set(verdicts).size).toBe(3);
  });

  it('leaves it to the courier otherwise', () => {
    const verdicts = judged(3, { ...conflict(1), status: 422 });

    expect(verdicts[0]).toMatchObject({ outcome: 'reject', failure: { kind: 'invalid' } });
    expect(new Set(verdicts).size).toBe(1);
  });
});

it.each([
  v1(400, 'database is required'),
  v2(400, 'organization name "x" not found'),
  v2(422, 'bucket "b" not found'),
  { status: 400, headers: {}, body: '<html>' },
])('rejects nothing for what is no fault of the lines: %j', (answer) => {
  expect(outcomes(judged(2, answer))).toEqual(['retry', 'retry']);
});

it.each([
  ['max-values-per-tag limit exceeded (2/2): tag="path" value="/secret-0" dropped=1'],
  ['unable to parse \'analytics path="/secret-0"\': bad'],
  ['strconv.ParseInt: parsing "/secret-0": value out of range'],
])('keeps the record’s content out of the reason: %s', (message) => {
  const [verdict] = judged(1, v2(400, message));

  expect(failureOf(verdict).message).not.toContain('secret');
});
