import { text } from '../../../config/options/builders.ts';
import { parseSet } from '../../../config/options/parse-set.ts';
import { formatProblem } from '../../../config/problem.ts';
import { flagOf, flagsSource, readFlags } from '../../define/flags.ts';
import { captureOptions } from './options.ts';

/** What may be said beside a configuration: the rest is in the file. */
const options = {
  conf: text({ doc: 'The configuration.' }),
  workers: captureOptions.workers,
};

const workersVariable = 'SLUICE_CAPTURE_WORKERS';

export interface FileFlags {
  readonly path: string;
  /** Goes before the variable, which goes before the file. Undefined: nothing is said. */
  readonly workers: number | undefined;
}

/** `--conf FILE`, with `--workers N` or without, in any order. A string: all that is wrong. */
export function readFileFlags(argv: readonly string[]): FileFlags | string {
  const flags = readFlags(
    options,
    argv.map((word) => (word === '-c' ? '--conf' : word)),
  );
  const parsed = parseSet(options, {
    ...{ raw: flags.raw, source: flagsSource, at: '', allowed: [] },
    ...{ env: {}, layers: [], unresolved: new Map() },
  });
  const problems = [
    ...flags.problems,
    ...parsed.problems.map((problem) => ({ ...problem, key: flagOf(problem.key) })),
  ];
  if (parsed.value === undefined || problems.length > 0)
    return problems.map(formatProblem).join('\n');
  const { conf, workers } = parsed.value;
  return { path: conf, workers: 'workers' in flags.raw ? workers : undefined };
}

/** A flag goes before the variable of the same option, and so it is read in its place. */
export const asVariables = ({ workers }: FileFlags): Readonly<Record<string, string>> =>
  workers === undefined ? {} : { [workersVariable]: String(workers) };

/** What is said of the value of such a flag, by the flag. */
export const byFileFlag = <T extends { readonly source: string; readonly key: string }>(
  said: T,
  { workers }: FileFlags,
): T =>
  workers !== undefined && said.key === workersVariable
    ? { ...said, source: flagsSource, key: flagOf('workers') }
    : said;
