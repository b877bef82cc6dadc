import type { PumpEntry } from '../config/config.ts';
import type { Problem } from '../config/problem.ts';
import { placeOfRule, type RecordRules } from '../config/record-rules.ts';
import { fieldsOf } from '../query/fields-of.ts';
import { parseQuery } from '../query/parse.ts';
import { ownFields } from '../record/fields.ts';
import { addedFields, optionThatAdds } from './enrich/added-fields.ts';
import { loadGeoFile } from './enrich/geo-file.ts';

/**
 * Everything that can be said of what becomes of records before the first one is taken. What is said for all pumps is told
 * once.
 */
export async function reviewRules(
  entries: readonly Pick<PumpEntry, 'rules'>[],
): Promise<readonly Problem[]> {
  const all = await Promise.all(entries.map(({ rules }) => review(rules)));
  const told = new Map(all.flat().map((problem) => [JSON.stringify(problem), problem]));
  return [...told.values()];
}

async function review(rules: RecordRules): Promise<readonly Problem[]> {
  const problems = [
    ...expressionProblems('filter', rules.filter, rules),
    ...sampleProblems(rules),
    ...(await redactProblems(rules)),
    ...(await fileProblems(rules)),
  ];
  return problems.map(({ option, found, expected, severity = 'error' }) => ({
    ...placeOfRule(rules, option),
    found,
    expected,
    severity,
  }));
}

interface Found {
  /** From the group on: `redact.patterns[2]`. */
  readonly option: string;
  readonly found: string;
  readonly expected: string;
  readonly severity?: Problem['severity'];
}

/** All that is wrong with an expression, each with its place in the text. */
function expressionProblems(option: string, text: string, rules: RecordRules): readonly Found[] {
  const parsed = parseQuery(text);
  if (!parsed.ok)
    return parsed.problems.map(({ at, found, expected }) => ({
      option,
      found,
      expected: `${expected} at character ${at + 1}`,
    }));
  const added = addedFields(rules.enrich);
  return [...fieldsOf(parsed.query)]
    .filter((name) => isOurs(name) && !added.has(name))
    .map((name) => ({ option, found: `"${name}"`, expected: whatAdds(name) }));
}

/** What no gateway writes is in no record unless it is added; an expression that asks for it would select none, or all. */
const isOurs = (name: string): boolean => ownFields.some((field) => field.name === name);

function whatAdds(name: string): string {
  const option = optionThatAdds(name);
  return option === undefined
    ? 'a field that records have before they are sampled'
    : `\`enrich.${option}\` for the same pump, which adds it: until then no record has it`;
}

const isShare = (rate: number): boolean => rate >= 0 && rate <= 1;

function sampleProblems(rules: RecordRules): readonly Found[] {
  const { sample } = rules;
  if (sample === undefined) return [];
  const share = (option: string, rate: number): readonly Found[] =>
    isShare(rate) ? [] : [{ option, found: String(rate), expected: 'a share from 0 to 1' }];
  return [
    ...share('sample.rate', sample.rate),
    ...sample.rules.flatMap(({ where, rate }, index) => [
      ...expressionProblems(`sample.rules[${index}].where`, where, rules),
      ...share(`sample.rules[${index}].rate`, rate),
    ]),
  ];
}

async function redactProblems({ redact }: RecordRules): Promise<readonly Found[]> {
  if (redact === undefined) return [];
  // Loaded by those alone who redact.
  const { patternProblems, problemsOf } = await import('./redact/rules.ts');
  const given = { ...redact, hashKey: redact.hashKey?.reveal() };
  const problems = [...problemsOf(given), ...(await patternProblems(given))].map(
    ({ key, ...problem }): Found => ({ option: `redact.${key}`, ...problem }),
  );
  if (redact.compressed === 'keep' && redact.presets.length > 0)
    problems.push({
      option: 'redact.compressed',
      found: '"keep" beside presets',
      expected: '"redact" or "drop": what is compressed leaves with all that is in it',
      severity: 'warning',
    });
  return problems;
}

async function fileProblems({ enrich }: RecordRules): Promise<readonly Found[]> {
  if (enrich === undefined || enrich.geoip === '') return [];
  const loaded = await loadGeoFile(enrich.geoip);
  if (loaded.outcome === 'loaded') return [];
  return [
    {
      option: 'enrich.geoip',
      found: `the name of a file that cannot be used (${loaded.reason})`,
      expected: 'a MaxMind file',
    },
  ];
}
