import { formatProblem } from '../problem.ts';
import type { OptionSet } from './option.ts';
import { type MetaSource, parseMeta } from './parse.ts';

/** For tests: parses the `meta` of a pump, with its problems as lines. */
export function parse<S extends OptionSet>(
  options: S,
  raw: unknown,
  from: Partial<MetaSource> = {},
) {
  const source: MetaSource = {
    raw,
    source: 'pump.conf',
    key: 'pumps.x.meta',
    env: {},
    envPrefix: 'X_META',
    ...from,
  };
  const { problems, value, notes } = parseMeta(options, source);
  return {
    value,
    notes,
    errors: problems.filter((problem) => problem.severity === 'error').map(formatProblem),
    warnings: problems.filter((problem) => problem.severity === 'warning').map(formatProblem),
  };
}
