import { compileQuery } from '../query/compile.ts';
import { parseQuery } from '../query/parse.ts';
import { renderProblem } from '../query/problem.ts';
import type { AnalyticsRecord } from '../record/record.ts';

export type RecordWhere =
  | { readonly ok: true; readonly selects: (record: AnalyticsRecord) => boolean }
  /** Lines for people. */
  | { readonly ok: false; readonly lines: readonly string[] };

/** `--where`: an expression that selects records of calls (docs/query.md). An empty one selects all. */
export function recordWhere(text: string): RecordWhere {
  if (text === '') return { ok: true, selects: () => true };
  const parsed = parseQuery(text);
  return parsed.ok
    ? { ok: true, selects: compileQuery(parsed.query) }
    : { ok: false, lines: parsed.problems.map((problem) => renderProblem(text, problem)) };
}
