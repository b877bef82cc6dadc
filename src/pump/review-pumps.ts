import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { HealthConfig, LimitsConfig, PumpEntry } from '../config/config.ts';
import { codeOf } from '../config/files.ts';
import type { Problem } from '../config/problem.ts';
import { placeOfRule } from '../config/record-rules.ts';
import { nearest } from '../lib/nearest.ts';
import { topLevelFields } from '../record/fields.ts';
import {
  type CheckedPump,
  type CheckedPumps,
  checkPumps,
  type FindPump,
  placeIn,
} from './check-pumps.ts';
import { documentProblems, documentRulesOf } from './document.ts';
import { servedProblems } from './served-problems.ts';

export interface ReviewTools {
  readonly findPump: FindPump;
  /** Of the admin server; undefined: the rest of the configuration is broken. */
  readonly admin: HealthConfig | undefined;
}

/**
 * Everything that can be said of the pumps before they are opened. The start and `validate` both say it, so that
 * neither knows of a mistake that the other does not.
 */
export async function reviewPumps(
  entries: readonly PumpEntry[],
  { findPump, admin }: ReviewTools,
): Promise<CheckedPumps> {
  const checked = await checkPumps(entries, findPump);
  const problems = [
    ...checked.problems,
    ...entries.flatMap(fieldProblems),
    ...checked.usable.flatMap(limitProblems),
    ...checked.usable.flatMap(wantedProblems),
    ...(await Promise.all(checked.usable.map(fileProblems))).flat(),
    ...servedProblems(checked.usable, admin),
  ];
  return { ...checked, problems };
}

/** A field that is misspelt is not emptied: personal data leaves because of a slip. */
function fieldProblems(entry: PumpEntry): readonly Problem[] {
  const known: readonly string[] = topLevelFields;
  return entry.ignoreFields
    .filter((name) => !known.includes(name))
    .map((name) => {
      const guess = nearest(name, known);
      const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
      return {
        ...placeIn(entry, 'ignore_fields'),
        found: `"${name}"`,
        expected: `the name of a field of a record${hint} (nothing is emptied for this one)`,
        severity: 'warning',
      };
    });
}

/** What is wanted of documents that the pump does not send, or not so. */
function wantedProblems({ entry, pump }: CheckedPump): readonly Problem[] {
  const { fields, added } = documentRulesOf(entry.rules);
  if (fields === undefined) return [];
  const { document, checkDocument } = pump;
  if (document === undefined)
    return [
      {
        ...placeOfRule(entry.rules, 'fields.include'),
        found: 'what documents shall hold',
        expected: 'a pump that sends documents; it has no effect on this one',
        severity: 'warning',
      },
    ];
  const problems = documentProblems({ document, checkDocument }, { fields, added });
  return problems.map(({ key, ...problem }) => ({
    ...placeOfRule(entry.rules, `fields.${key}`),
    ...problem,
  }));
}

const limitNames = [
  ['records', 'records'],
  ['bytes', 'bytes'],
  ['age', 'age'],
  ['inFlight', 'in_flight'],
] as const satisfies readonly (readonly [keyof LimitsConfig, string])[];

/** `limits` can only lower what the pump sets. */
const limitProblems = ({ entry, pump }: CheckedPump): readonly Problem[] =>
  limitNames.flatMap(([key, name]): readonly Problem[] => {
    const asked = entry.limits[key];
    const own = pump.limits[key];
    if (asked === undefined || asked <= own) return [];
    const unit = { records: '', bytes: ' bytes', age: ' ms', inFlight: '' }[key];
    return [
      {
        ...placeIn(entry, `limits.${name}`),
        found: 'more than the pump’s own limit',
        expected: `at most ${own}${unit}, which is used`,
        severity: 'warning',
      },
    ];
  });

/** A file that is not there keeps its pump from being opened; it may come while the service runs. */
async function fileProblems({ pump, placeOf }: CheckedPump): Promise<readonly Problem[]> {
  const problems = await Promise.all(
    pump.files.map(async ({ option, path }): Promise<Problem | undefined> => {
      try {
        await access(path, constants.R_OK);
        return undefined;
      } catch (error) {
        return {
          ...placeOf(option),
          found: `the name of a file that cannot be read (${codeOf(error) ?? 'unknown error'})`,
          expected: 'a file in PEM form; until it is there, the pump cannot be opened',
          severity: 'warning',
        };
      }
    }),
  );
  return problems.filter((problem) => problem !== undefined);
}
