import type { RedactConfig } from '../../config/record-rules.ts';
import { fields } from '../../record/fields.ts';
import { truncated } from './ip.ts';
import { type JsonPath, parseJsonPath } from './json-path.ts';
import { mostSteps, preparePaths } from './json-walk.ts';
import { isMark, type Mark, markOf } from './marks.ts';
import { plainName } from './parameters.ts';
import type { Pattern, Plan } from './plan.ts';
import { createRedaction, type Redaction } from './redaction.ts';
import { openScanner, type Scanner } from './scan/scanner.ts';

/** What an operator wants redacted (docs/redaction.md), with the key of the hashes in the clear. */
export interface RedactionRules extends Omit<RedactConfig, 'hashKey' | 'decodedBytes'> {
  readonly hashKey: string | undefined;
  /** Bound of one decompressed body. */
  readonly decodedBytes: number;
}

export interface RuleProblem {
  readonly key: string;
  readonly found: string;
  readonly expected: string;
}

const redactable: ReadonlyMap<string, number> = new Map(
  fields.flatMap(({ name, kind, slot }) =>
    kind === 'text' || kind === 'list' ? [[name, slot]] : [],
  ),
);

const mostPaths = 1_000;
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What is wrong with rules. Patterns are looked at by `patternProblems`, which loads their engine. */
export function problemsOf(rules: RedactionRules): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  const refuse = (key: string, found: string, expected: string): void => {
    problems.push({ key, found, expected });
  };
  for (const [index, name] of rules.headers.entries())
    if (!token.test(name))
      refuse(`headers[${index}]`, JSON.stringify(name), 'the name of a header');
  for (const key of ['query', 'cookies', 'forms'] as const)
    for (const [index, name] of rules[key].entries())
      if (name.trim() === '') refuse(`${key}[${index}]`, JSON.stringify(name), 'a name');
  for (const [index, path] of rules.json.entries()) {
    const parsed = parseJsonPath(path);
    if ('problem' in parsed) {
      const { at, expected } = parsed.problem;
      refuse(`json[${index}]`, JSON.stringify(path), `${expected} at character ${at + 1}`);
    } else if (parsed.path.length > mostSteps)
      refuse(`json[${index}]`, `${parsed.path.length} steps`, `${mostSteps} at most`);
  }
  if (rules.json.length > mostPaths)
    refuse('json', `${rules.json.length} paths`, `${mostPaths} at most`);
  for (const [index, name] of rules.fields.entries())
    if (!redactable.has(name))
      refuse(
        `fields[${index}]`,
        JSON.stringify(name),
        'a field of the record that is a text or a list',
      );
  const isHashing = [rules.mode, rules.apiKey, rules.ip].includes('hash');
  if (isHashing && (rules.hashKey ?? '').length < 16)
    refuse(
      'hash_key',
      rules.hashKey === undefined || rules.hashKey === '' ? 'none' : 'a shorter one',
      'a key of at least 16 characters, for hash',
    );
  if (!Number.isSafeInteger(rules.decodedBytes) || rules.decodedBytes < 1)
    refuse('decoded_bytes', String(rules.decodedBytes), 'a whole number of bytes above 0');
  return problems;
}

/** What is wrong with the patterns. */
export async function patternProblems(rules: RedactionRules): Promise<readonly RuleProblem[]> {
  if (rules.patterns.length === 0) return [];
  const { compilePattern } = await import('./patterns.ts');
  return rules.patterns.flatMap((pattern, index) => {
    const compiled = compilePattern(pattern);
    return 'problem' in compiled
      ? [{ key: `patterns[${index}]`, found: JSON.stringify(pattern), expected: compiled.problem }]
      : [];
  });
}

/** Rules without problems. Without a scanner bytes are looked at in plain words. */
export async function compileRedaction(
  rules: RedactionRules,
  scannerOf: () => Scanner | undefined = openScanner,
): Promise<Redaction> {
  return createRedaction(await planOf(rules), scannerOf());
}

async function planOf(rules: RedactionRules): Promise<Plan> {
  const { mode, hashKey } = rules;
  const lower = (names: readonly string[]): ReadonlySet<string> =>
    new Set(names.map((name) => plainName(Buffer.from(name.trim()).toString('latin1'))));
  return {
    secrets: rules.presets.includes('secrets'),
    cards: rules.presets.includes('cards'),
    email: rules.presets.includes('email'),
    headers: lower(rules.headers),
    query: lower(rules.query),
    cookies: lower(rules.cookies),
    forms: lower(rules.forms),
    paths: rules.json.length === 0 ? undefined : preparePaths(rules.json.flatMap(pathOf)),
    patterns: await patternsOf(rules.patterns),
    fields: new Set(rules.fields.flatMap((name) => redactable.get(name) ?? [])),
    apiKey: rules.apiKey === 'keep' ? undefined : markOf(rules.apiKey, hashKey),
    ip: addressRule(rules),
    mark: markOf(mode, hashKey),
    isRemoving: mode === 'remove',
    compressed: rules.compressed,
    decodedBytes: rules.decodedBytes,
  };
}

function pathOf(text: string): readonly JsonPath[] {
  const parsed = parseJsonPath(text);
  return 'path' in parsed ? [parsed.path] : [];
}

async function patternsOf(patterns: readonly string[]): Promise<readonly Pattern[]> {
  if (patterns.length === 0) return [];
  const { compilePattern } = await import('./patterns.ts');
  return patterns.flatMap((pattern) => {
    const compiled = compilePattern(pattern);
    return 'problem' in compiled ? [] : [compiled.pattern];
  });
}

function addressRule({ ip, hashKey }: RedactionRules): Plan['ip'] {
  if (ip === 'keep') return undefined;
  const mark: Mark = markOf(ip === 'truncate' ? 'mask' : ip, hashKey);
  return (address) => {
    if (isMark(address)) return address;
    return (ip === 'truncate' ? truncated(address.trim()) : undefined) ?? mark(address);
  };
}
