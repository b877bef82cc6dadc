import type { ReadFile } from '../../../config/files.ts';
import { buildRegistry } from '../../../config/kv/registry.ts';
import { resolveEnvironment, resolveTree } from '../../../config/kv/resolve.ts';
import type { Locate } from '../../../config/locate.ts';
import { type Environment, unknownVariables } from '../../../config/options/environment.ts';
import { deepFreeze, isObject, member, typeName } from '../../../config/options/json.ts';
import { type ParsedSet, parseSet } from '../../../config/options/parse-set.ts';
import type { Note, Problem } from '../../../config/problem.ts';
import { type RecordRules, recordRulesOf } from '../../../config/record-rules.ts';
import { noRecordsOptions } from '../../../config/records-options.ts';
import { withoutServiceLinks } from '../../../config/service-links.ts';
import type { PlacedProblem } from '../../../config/structured/document.ts';
import { reviewRules } from '../../../edit/review-rules.ts';
import { ContractError } from '../../../lib/errors.ts';
import type { SourceKind } from '../../define/define-source.ts';
import { type CaptureOptions, captureOptions } from './options.ts';
import { type ConfiguredSource, readSources } from './sources.ts';
import { readStorage, type Storage } from './storage.ts';
import type { Written } from './written.ts';

/** The configuration of a process that captures: checked, complete. */
export interface CaptureConfig {
  readonly options: CaptureOptions;
  readonly storage: Storage;
  /** Filter, sample and redaction. */
  readonly rules: RecordRules;
  readonly sources: readonly ConfiguredSource[];
  /** Entries as in pump.conf, by name; with `storage: memory`. */
  readonly pumps: Readonly<Record<string, unknown>>;
}

export interface LoadedCapture {
  /** Undefined where a problem is an error. */
  readonly config: CaptureConfig | undefined;
  /** Everything that is wrong, at once, with its place in the file. */
  readonly problems: readonly PlacedProblem[];
  readonly notes: readonly Note[];
  /** Texts that must be masked wherever they turn up. */
  readonly secrets: readonly string[];
  /** In which format its problems are to be logged, also where it is broken. */
  readonly logFormat: 'text' | 'json' | 'legacy';
}

export type FindSource = (type: string) => Promise<SourceKind | undefined>;

const prefix = 'SLUICE_CAPTURE';
const unredacted =
  'leaves `secrets` out: records keep the credentials in payloads as clients sent them';

export async function loadCapture(
  written: Written,
  from: {
    readonly env: Environment;
    readonly readFile: ReadFile;
    readonly findSource: FindSource;
    readonly types: readonly string[];
  },
): Promise<LoadedCapture> {
  const { source, locate } = written;
  const { env: ours } = withoutServiceLinks(from.env, `${prefix}_`);
  const secrets: string[] = [];
  const {
    raw,
    env,
    unresolved,
    problems: kvProblems,
  } = await resolved(written, { ...from, env: ours }, secrets);
  const problems: Problem[] = [...written.problems, ...kvProblems];
  const notes: Note[] = [];
  const parsed = parseSet(captureOptions, {
    ...{ raw, source, at: '', env, unresolved, layers: [{ prefix }] },
    allowed: ['storage', 'sources', 'pumps', 'kv', '$schema'],
  });
  problems.push(...parsed.problems.map(strict));
  notes.push(...parsed.notes);
  const pumps = member(raw, 'pumps') ?? {};
  if (!isObject(pumps))
    problems.push({
      source,
      key: 'pumps',
      found: typeName(pumps),
      expected: 'an object of pumps by name, as in pump.conf',
      severity: 'error',
    });
  const feedsPumps =
    (parsed.value?.to.length ?? 0) > 0 || (isObject(pumps) && Object.keys(pumps).length > 0);
  const storage = readStorage({ raw, source, env, unresolved, feedsPumps });
  const { findSource, types } = from;
  const sources = await readSources({
    ...{ raw, source, env, unresolved, prefix, findSource, types },
  });
  problems.push(...storage.problems, ...sources.problems);
  notes.push(...storage.notes, ...sources.notes);
  secrets.push(...parsed.secrets, ...storage.secrets, ...sources.secrets);
  if (storage.storage?.kind === 'memory' && !feedsPumps)
    problems.push({
      ...parsed.placeOf('to'),
      found: 'nothing',
      expected:
        'at least one pump, here or in `pumps`: with `storage: memory` records go nowhere else',
      severity: 'error',
    });
  if (storage.storage?.kind === 'redis' && feedsPumps)
    problems.push({
      ...parsed.placeOf('to'),
      found: 'pumps',
      expected: 'none: records go to Redis, and a pump takes them from there; or `storage: memory`',
      severity: 'error',
    });
  if (storage.storage?.kind === 'memory' && (parsed.value?.workers ?? 1) > 1)
    problems.push({
      ...parsed.placeOf('workers'),
      found: `${parsed.value?.workers} workers`,
      expected: '1 with `storage: memory`: each of several would have pumps of its own; or a Redis',
      severity: 'error',
    });
  for (const { name, sharesPorts } of sources.sources)
    if (!sharesPorts && (parsed.value?.workers ?? 1) > 1)
      notes.push({
        ...parsed.placeOf('workers'),
        text: `the source "${name}" runs in the first worker alone: it does not share ports`,
      });
  const rules = parsed.value && rulesOf(parsed.value, parsed);
  if (rules !== undefined) problems.push(...(await reviewRules([{ rules }])));
  if (rules?.redact?.presets.includes('secrets') === false && parsed.value?.record.bodies !== 0)
    notes.push({ ...parsed.placeOf('redact.presets'), text: unredacted });
  const known = new Set([...parsed.variables, ...storage.variables, ...sources.variables]);
  problems.push(...unknownVariables(env, { prefix, names: known, isElsewhere: () => false }));
  const isBroken = problems.some(({ severity }) => severity === 'error');
  const config =
    isBroken || parsed.value === undefined || rules === undefined || storage.storage === undefined
      ? undefined
      : {
          options: deepFreeze(parsed.value),
          ...{ storage: storage.storage, rules, sources: sources.sources },
          pumps: isObject(pumps) ? pumps : {},
        };
  return {
    config,
    problems: problems.map((problem) => placedIn(problem, source, locate)),
    notes,
    secrets,
    logFormat: parsed.value?.log_format ?? 'text',
  };
}

/** The references in the file and in our variables, followed as in pump.conf. */
async function resolved(
  { raw: written, source }: Written,
  { env, readFile }: { readonly env: Environment; readonly readFile: ReadFile },
  secrets: string[],
): Promise<{
  readonly raw: unknown;
  readonly env: Environment;
  readonly unresolved: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}> {
  const { registry, problems } = buildRegistry({
    raw: member(written, 'kv'),
    source,
    env,
    readFile,
  });
  const onFetched = (secret: string): void => {
    if (!/^(?:true|false|\d{1,7})$/i.test(secret)) secrets.push(secret);
  };
  const isOurs = (name: string): boolean => name.startsWith(`${prefix}_`);
  const raw = isObject(written)
    ? await resolveTree(
        Object.fromEntries(Object.entries(written).filter(([key]) => key !== 'kv')),
        registry,
        onFetched,
      )
    : written;
  return { raw, problems, ...(await resolveEnvironment(env, registry, isOurs, onFetched)) };
}

/**
 * Secrets are redacted unless the operator says otherwise: `redact: []` switches it off, and naming more to be redacted does
 * not.
 */
function rulesOf(
  { record, redact }: CaptureOptions,
  { placeOf, saidBy }: Pick<ParsedSet<typeof captureOptions>, 'placeOf' | 'saidBy'>,
): RecordRules {
  const isChosen = saidBy.has('redact.presets');
  const said = {
    options: {
      ...noRecordsOptions,
      filter: record.where,
      sample: record.sample,
      redact:
        redact === undefined || isChosen
          ? (redact ?? secretsAlone())
          : { ...redact, presets: secretsAlone().presets },
    },
    at: (option: string) =>
      placeOf(option.replace(/^filter/, 'record.where').replace(/^sample/, 'record.sample')),
  };
  return recordRulesOf(said, said);
}

function secretsAlone(): NonNullable<CaptureOptions['redact']> {
  const { value } = parseSet(
    { redact: captureOptions.redact },
    {
      ...{ raw: { redact: ['secrets'] }, source: '', at: '', env: {} },
      ...{ layers: [], unresolved: new Map(), allowed: [] },
    },
  );
  if (value?.redact === undefined) throw new ContractError('the default redaction can be read');
  return value.redact;
}

/** A name that nothing reads is a slip, and what it was meant to protect is open. */
const strict = (problem: Problem): Problem =>
  problem.isUnknown === true && problem.source !== 'environment'
    ? { ...problem, severity: 'error' }
    : problem;

export const placedIn = (problem: Problem, source: string, locate: Locate): PlacedProblem => ({
  ...problem,
  at:
    'at' in problem
      ? (problem as PlacedProblem).at
      : problem.source === source
        ? locate(problem.key)
        : undefined,
});
