import { describe, expect, it } from 'vitest';
import { isAboutTable, judgeAnswer } from './answer.ts';

const answer = (status: number, body = '', headers = {}) => ({ status, headers, body });
const oldStyle = (status: number, code: number) =>
  answer(status, `Code: ${code}, e.displayText() = DB::Exception: at 'hunter2', e.what() = …`);

describe('an answer to an insert', () => {
  it.each([
    [answer(200), 'delivered', undefined],
    [answer(200, '\n'), 'delivered', undefined],
    [answer(200, '<html>Sign in</html>'), 'retry', 'unexpected'],
    [answer(200, 'Code: 252. DB::Exception: Too many parts'), 'retry', 'throttled'],
    [answer(200, '', { 'x-clickhouse-exception-code': '241' }), 'retry', 'oversize'],
    [answer(500, 'x', { 'x-clickhouse-exception-code': '252' }), 'retry', 'throttled'],
    [oldStyle(400, 27), 'reject', 'invalid'],
    [oldStyle(400, 41), 'reject', 'invalid'],
    [oldStyle(500, 131), 'reject', 'invalid'],
    [oldStyle(404, 60), 'retry', 'unexpected'],
    [oldStyle(500, 164), 'retry', 'unauthorised'],
    [oldStyle(403, 497), 'retry', 'unauthorised'],
    [oldStyle(401, 193), 'retry', 'unauthorised'],
    [oldStyle(500, 202), 'retry', 'throttled'],
    [oldStyle(500, 242), 'retry', 'unreachable'],
    [oldStyle(500, 243), 'retry', 'throttled'],
    [oldStyle(500, 319), 'retry', 'timeout'],
    [oldStyle(500, 999), 'retry', 'unreachable'],
    [oldStyle(500, 4_711), 'retry', 'unexpected'],
    [answer(413), 'retry', 'oversize'],
    [answer(502, '<html>'), 'retry', 'unreachable'],
    [answer(429), 'retry', 'throttled'],
  ])('of %j is told as %s, %s', (said, outcome, kind) => {
    const verdict = judgeAnswer(said, 2);

    expect(verdict).toMatchObject(
      kind === undefined ? { outcome } : { outcome, failure: { kind } },
    );
    expect(JSON.stringify(verdict)).not.toContain('hunter2');
  });

  it('of a server without memory is halved, but never a reason to give a row up', () => {
    expect(judgeAnswer(oldStyle(500, 241), 2)).toMatchObject({ failure: { kind: 'oversize' } });
    expect(judgeAnswer(oldStyle(500, 241), 1)).toMatchObject({
      outcome: 'retry',
      failure: { kind: 'throttled' },
    });
  });

  it('is about the table where a column has gone, and about a row otherwise', () => {
    const unknown = answer(400, 'Code: 117. DB::Exception: Unknown field found while parsing x');

    expect(judgeAnswer(unknown, 2)).toMatchObject({ outcome: 'retry' });
    expect([unknown, oldStyle(404, 60), oldStyle(500, 16)].map(isAboutTable)).toEqual([
      ...[true, true, true],
    ]);
    expect([oldStyle(400, 27), answer(200), oldStyle(400, 117)].some(isAboutTable)).toBe(false);
  });
});
