import type { OptionSet, OptionsOf } from '../options/option.ts';
import { parseSet } from '../options/parse-set.ts';
import { placed, shownLine } from '../places.ts';
import { formatProblem } from '../problem.ts';
import type { PlacedProblem, StructuredDocument } from './document.ts';

export interface ReadObject<S extends OptionSet> {
  /** Undefined where a problem is an error. */
  readonly value: OptionsOf<S> | undefined;
  readonly problems: readonly PlacedProblem[];
}

/**
 * An object of a structured file, checked against a set of options. `raw` is the part of the document's value that stands
 * at `at`: `spec.ports[0]`, empty for the whole. Names that nothing reads are errors unless `allowed` has them: most likely
 * they are slips, and what was meant would not happen.
 */
export function readObject<S extends OptionSet>(
  options: S,
  from: {
    readonly raw: unknown;
    readonly at: string;
    /** Its file. */
    readonly path: string;
    readonly document: Pick<StructuredDocument, 'locate'>;
    readonly allowed?: readonly string[];
  },
): ReadObject<S> {
  const { raw, at, path, document, allowed = [] } = from;
  const parsed = parseSet(options, {
    ...{ raw, source: path, at, allowed },
    ...{ env: {}, layers: [], unresolved: new Map() },
  });
  const problems = parsed.problems.map(
    (problem): PlacedProblem => ({
      ...problem,
      severity: problem.isUnknown === true ? 'error' : problem.severity,
      at: document.locate(problem.key),
    }),
  );
  const isBroken = problems.some(({ severity }) => severity === 'error');
  return { value: isBroken ? undefined : parsed.value, problems };
}

/** A problem as `sluice validate` prints it: `file:line:column: key: found …, expected …`, the line and a sign below it. */
export const problemLines = (problem: PlacedProblem): readonly string[] => [
  formatProblem(placed(problem, problem.at)),
  ...shownLine(problem.at),
];
