import { compileQuery } from '../../query/compile.ts';
import { parseQuery } from '../../query/parse.ts';
import { renderProblem } from '../../query/problem.ts';
import type { DeadLetter } from '../../route/dead-letters/letter.ts';
import { recordOf } from './record-of.ts';

export type Where =
  | { readonly ok: true; readonly holds: (letter: DeadLetter) => boolean }
  /** Lines for people. */
  | { readonly ok: false; readonly lines: readonly string[] };

/** `--where`: letters whose record the expression selects (docs/query.md). What is no record of a call is never selected. */
export function whereOf(text: string): Where {
  if (text === '') return { ok: true, holds: () => true };
  const parsed = parseQuery(text);
  if (!parsed.ok)
    return { ok: false, lines: parsed.problems.map((problem) => renderProblem(text, problem)) };
  const selects = compileQuery(parsed.query);
  return {
    ok: true,
    holds(letter) {
      const decoded = recordOf(letter);
      return decoded?.decoder.records === 'analytics' && selects(decoded.record);
    },
  };
}
