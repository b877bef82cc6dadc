import { dirname } from 'node:path';
import { seconds } from '../../lib/units.ts';
import type { LimitsConfig, PluginPlace, PumpEntry } from '../config.ts';
import type { Section } from '../effective.ts';
import { type Environment, unknownVariables } from '../options/environment.ts';
import { member, typeName } from '../options/json.ts';
import { parseSet } from '../options/parse-set.ts';
import { isPluginSpecifier } from '../plugin-specifier.ts';
import { recordRulesOf, type SaidRecords } from '../record-rules.ts';
import { type EntryOptions, entryOptions } from '../service-options.ts';
import { type FoundPump, pumpsPrefix } from './discovery.ts';
import { type Findings, type Place, place } from './findings.ts';

export interface EntryInput {
  readonly source: string;
  readonly env: Environment;
  readonly unresolved: ReadonlyMap<string, string>;
  /** Registered types, lower case. */
  readonly types: ReadonlySet<string>;
  /** There is no file. */
  readonly isFileless: boolean;
  /** The global `max_record_size`. */
  readonly maxRecordSize: number;
  /** `sluice.records`. */
  readonly records: SaidRecords;
  /** Takes what must be masked wherever it turns up. */
  readonly secrets: string[];
  /** Takes the options of the entry with their values. */
  readonly sections: Section[];
  /** The modules from outside that may be pumps. */
  readonly plugins: readonly string[];
}

/** Reads one entry of `pumps`; undefined: a problem is an error. Its `meta` is left to the pump. */
export function readEntry(
  found: FoundPump,
  input: EntryInput,
  findings: Findings,
): PumpEntry | undefined {
  const { source, env, unresolved } = input;
  const isFileless = input.isFileless || !found.isInFile;
  const prefix = `${pumpsPrefix}_${found.name}`;
  const key = `pumps.${found.key}`;
  const parsed = parseSet(entryOptions, {
    raw: found.raw,
    source,
    at: key,
    env,
    layers: found.isInEnvironment ? [{ prefix }] : [],
    unresolved,
    allowed: ['meta'],
    isFileless,
  });
  findings.problems.push(...parsed.problems);
  findings.notes.push(...parsed.notes);
  input.secrets.push(...parsed.secrets);
  input.sections.push({ at: key, values: parsed.values });
  if (found.isInEnvironment) {
    const isElsewhere = (name: string): boolean => name.startsWith(`${prefix}_META_`);
    const known = { prefix, names: parsed.variables, isElsewhere };
    findings.problems.push(...unknownVariables(env, known));
  }
  // Broken or not, its meta is to be checked with the rest; a broken one starts nothing.
  const options = parsed.value ?? bare(found.raw);
  if (options === undefined) return undefined;
  const at: Place = parsed;
  const raw = member(found.raw, 'meta');
  const type = typeOf(found, options, { at, input, findings });
  return {
    ...translate(options, input, parsed.placeOf),
    name: found.name,
    records: 'analytics',
    type,
    ...(isPluginSpecifier(type) ? { plugin: pluginOf(type, { at, input, findings }) } : {}),
    ...(found.isInEnvironment ? { saidBy: variablesOf(parsed.saidBy) } : {}),
    meta: {
      raw,
      source,
      key: `${key}.meta`,
      env,
      envPrefix: found.isInEnvironment
        ? `${prefix}_META`
        : prefixOf(raw, { source, key: `${key}.meta` }, findings),
      unresolved,
      ...(isFileless ? { isFileless } : {}),
    },
  };
}

const variablesOf = (saidBy: ReadonlyMap<string, string>): Readonly<Record<string, string>> =>
  Object.fromEntries([...saidBy].filter(([, by]) => by !== 'file'));

/** An entry with its type and defaults only. */
function bare(raw: unknown): EntryOptions | undefined {
  const type = member(raw, 'type');
  const said = typeof type === 'string' ? { type } : {};
  return parseSet(entryOptions, {
    raw: said,
    source: '',
    at: '',
    env: {},
    layers: [],
    allowed: [],
    unresolved: new Map(),
  }).value;
}

interface Context {
  readonly at: Place;
  readonly input: EntryInput;
  readonly findings: Findings;
}

/** A name that is a type wins over `type` for pumps with variables; a surprise worth a warning. */
function typeOf(found: FoundPump, options: EntryOptions, context: Context): string {
  const name = found.name.toLowerCase();
  const said = isPluginSpecifier(options.type) ? options.type : options.type.toLowerCase();
  if (!found.isInEnvironment || !context.input.types.has(name)) return said === '' ? name : said;
  if (said !== '' && said !== name)
    context.findings.problems.push({
      ...place(context.at, 'type'),
      found: 'another type',
      expected: `"${name}": the name of a pump with variables is its type, where it is one (as in Tyk Pump)`,
      severity: 'warning',
    });
  return name;
}

/** Code runs with all rights of the service, so it is told twice: where it is used, and that it may be. */
function pluginOf(type: string, { at, input, findings }: Context): PluginPlace {
  const { plugins, source, isFileless } = input;
  const isAllowed = plugins.includes(type);
  if (!isAllowed) {
    const all = [...plugins, type];
    findings.problems.push({
      ...place(at, 'type'),
      found: `"${type}", code from outside of Sluice that nobody has allowed`,
      expected: `a module that \`sluice.plugins\` names; to run this one with the rights of the service write "sluice": {"plugins": ${JSON.stringify(all)}}, or TYK_PMP_SLUICE_PLUGINS=${all.join(',')}`,
      severity: 'error',
    });
  }
  return { folder: isFileless ? '.' : dirname(source), isAllowed };
}

/** The prefix the operator chose for the meta variables; empty: the pump's own. */
function prefixOf(
  meta: unknown,
  at: { readonly source: string; readonly key: string },
  findings: Findings,
): string {
  const said = member(meta, 'meta_env_prefix') ?? '';
  if (typeof said === 'string') return said;
  findings.problems.push({
    source: at.source,
    key: `${at.key}.meta_env_prefix`,
    found: typeName(said),
    expected: 'a text',
    severity: 'error',
  });
  return '';
}

function translate(
  options: EntryOptions,
  { maxRecordSize: globalSize, records }: EntryInput,
  placeOf: Place['placeOf'],
): Omit<PumpEntry, 'name' | 'records' | 'type' | 'meta'> {
  const { filters, limits } = options;
  return {
    filters: {
      apiIds: filters.api_ids,
      orgIds: filters.org_ids,
      responseCodes: filters.response_codes,
      skipApiIds: filters.skip_api_ids,
      skipOrgIds: filters.skip_org_ids,
      skipResponseCodes: filters.skip_response_codes,
    },
    timeout: options.timeout > 0 ? seconds(options.timeout) : undefined,
    omitDetailedRecording: options.omit_detailed_recording,
    maxRecordSize: options.max_record_size === 0 ? globalSize : options.max_record_size,
    ignoreFields: options.ignore_fields,
    rawRequestDecoded: options.raw_request_decoded,
    rawResponseDecoded: options.raw_response_decoded,
    rules: recordRulesOf({ options, at: placeOf }, records),
    startAt: options.start_at,
    ...(options.max_age === undefined ? {} : { maxAge: options.max_age }),
    limits: {
      records: limits.records,
      bytes: limits.bytes,
      age: limits.age,
      inFlight: limits.in_flight,
      concurrency: limits.concurrency,
      ...rateOf(limits.rate),
    },
  };
}

/** Nothing where nothing is said. */
function rateOf(
  rate: Required<LimitsConfig>['rate'],
): Pick<LimitsConfig, 'rate'> | Record<string, never> {
  return rate.records === undefined && rate.bytes === undefined ? {} : { rate };
}
