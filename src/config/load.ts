import type { Config, PumpEntry } from './config.ts';
import type { ReadFile } from './files.ts';
import { buildRegistry } from './kv/registry.ts';
import { resolveEnvironment, resolveTree } from './kv/resolve.ts';
import { type Environment, unknownVariables } from './options/environment.ts';
import { deepFreeze, isObject, member } from './options/json.ts';
import { parseSet } from './options/parse-set.ts';
import { ownOptions } from './own-options.ts';
import type { Note, Problem } from './problem.ts';
import { readSource } from './read-source.ts';
import { globalOptions } from './service-options.ts';
import { findPumps, pumpsPrefix } from './tyk/discovery.ts';
import type { Findings, Place } from './tyk/findings.ts';
import { readEntry } from './tyk/pump-entry.ts';
import { tykPumpTypes } from './tyk/pump-types.ts';
import { recordSizeOf } from './tyk/record-size.ts';
import { serviceOf } from './tyk/service.ts';
import { storageKey } from './tyk/tls.ts';

export interface LoadInput {
  /** The configuration file; its name also stands in every problem. */
  readonly path: string;
  readonly env: Environment;
  readonly readFile: ReadFile;
  /** Registered pump types: a pump with variables and such a name is of that type. By default Tyk Pump's. */
  readonly types?: readonly string[];
}

export interface Loaded {
  /** Undefined when a problem is an error. */
  readonly config: Config | undefined;
  /** The pumps that could be read, also where something else is broken: their own problems are told with the others. */
  readonly pumps: readonly PumpEntry[];
  /** Everything that is wrong, at once. */
  readonly problems: readonly Problem[];
  /** Everything accepted that does not do what one might think. */
  readonly notes: readonly Note[];
}

/**
 * The way of the configuration (contract 3.1): the file, KV references in it and in the variables, the variables over
 * it, defaults, then the translation into one frozen Config. A pump's `meta` is read by the pump.
 */
export async function loadConfig(input: LoadInput): Promise<Loaded> {
  const findings: Findings = { problems: [], notes: [] };
  const written = await readSource(input, findings);
  if (written === undefined) return { config: undefined, pumps: [], ...findings };
  const source = await resolve(written, input, findings);
  const service = readService(source, findings);
  const pumps = readPumps(source, service?.maxRecordSize ?? 0, findings);
  const isBroken = findings.problems.some((problem) => problem.severity === 'error');
  const config = isBroken || service === undefined ? undefined : { ...service.config, pumps };
  return { config: config && deepFreeze(config), pumps, ...findings };
}

/** File and environment, without KV references. */
interface Source {
  readonly raw: unknown;
  readonly name: string;
  readonly env: Environment;
  readonly unresolved: ReadonlyMap<string, string>;
  readonly types: ReadonlySet<string>;
}

async function resolve(written: unknown, input: LoadInput, findings: Findings): Promise<Source> {
  const { path, env, readFile, types = tykPumpTypes } = input;
  const stores = { raw: member(written, 'kv'), source: path, env, readFile };
  const { registry, problems } = buildRegistry(stores);
  findings.problems.push(...problems);
  // The stores themselves may hold texts that look like references.
  const raw = isObject(written) ? await resolveTree(without(written, 'kv'), registry) : written;
  const prefixes = ['TYK_PMP', ...chosenPrefixes(raw)].map((prefix) => `${prefix}_`);
  const isOurs = (name: string): boolean =>
    !name.startsWith('TYK_PMP_KV_') && prefixes.some((prefix) => name.startsWith(prefix));
  const resolved = await resolveEnvironment(env, registry, isOurs);
  return { raw, name: path, ...resolved, types: new Set(types) };
}

const without = (
  raw: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(raw).filter(([key]) => key.toLowerCase() !== name));

/** The prefixes that pumps of the file chose for their meta variables. */
function chosenPrefixes(raw: unknown): readonly string[] {
  const pumps = member(raw, 'pumps');
  return Object.values(isObject(pumps) ? pumps : {})
    .map((pump) => member(member(pump, 'meta'), 'meta_env_prefix'))
    .filter((prefix) => typeof prefix === 'string' && prefix !== '')
    .map(String);
}

interface Service {
  readonly config: Omit<Config, 'pumps'>;
  readonly maxRecordSize: number;
}

const storageGroup = { key: storageKey, suffix: 'ANALYTICSSTORAGECONFIG' };

function readService(source: Source, findings: Findings): Service | undefined {
  const { raw, name, env, unresolved } = source;
  const globals = parseSet(globalOptions, {
    raw,
    source: name,
    at: '',
    env,
    layers: [
      { prefix: 'TYK_PMP' },
      // Tyk Pump lays these two over the storage options when it opens Redis, so they come last.
      { prefix: 'TYK_PMP_REDIS', group: storageGroup },
      { prefix: 'TYK_PMP_TEMPORAL_STORAGE', group: storageGroup },
    ],
    unresolved,
    allowed: ['pumps', 'kv', 'uptime_pump_config', 'sluice'],
  });
  const own = parseSet(ownOptions, {
    raw: member(raw, 'sluice'),
    source: name,
    at: 'sluice',
    env,
    layers: [{ prefix: 'TYK_PMP_SLUICE' }],
    unresolved,
    allowed: [],
  });
  for (const { problems, notes } of [globals, own]) {
    findings.problems.push(...problems);
    findings.notes.push(...notes);
  }
  const names = new Set([...globals.variables, ...own.variables]);
  findings.problems.push(...unknownVariables(env, { prefix: 'TYK_PMP', names, isElsewhere }));
  if (globals.value === undefined || own.value === undefined) return undefined;
  const at: Place = { source: name, prefix: '', saidBy: globals.saidBy };
  const hasUptimeConfig =
    Object.keys(env).some((variable) => variable.startsWith('TYK_PMP_UPTIMEPUMPCONFIG_')) ||
    Object.keys(member(raw, 'uptime_pump_config') ?? {}).length > 0;
  const service = { globals: globals.value, own: own.value, env, at, hasUptimeConfig };
  return {
    config: serviceOf(service, findings),
    maxRecordSize: recordSizeOf(globals.value.max_record_size, at, findings),
  };
}

/** Variables with the common prefix that are read somewhere else. */
const isElsewhere = (name: string): boolean =>
  name.startsWith(`${pumpsPrefix}_`) ||
  name.startsWith('TYK_PMP_UPTIMEPUMPCONFIG_') ||
  ['TYK_PMP_OMITCONFIGFILE', 'TYK_PMP_BUILDDEMODATA', 'TYK_PMP_KV_STORES'].includes(name);

function readPumps(source: Source, maxRecordSize: number, findings: Findings): Config['pumps'] {
  const { raw, name, env, unresolved, types } = source;
  const found = findPumps(member(raw, 'pumps'), name, env);
  findings.problems.push(...found.problems);
  if (found.pumps.length === 0)
    findings.problems.push({
      source: name,
      key: 'pumps',
      found: 'nothing',
      expected: 'at least one pump, here or in variables TYK_PMP_PUMPS_<NAME>_<OPTION>',
      severity: 'error',
    });
  for (const pump of found.pumps) {
    if (pump.isInFile) continue;
    const key = `${pumpsPrefix}_${pump.name}_…`;
    findings.notes.push({ source: 'environment', key, text: 'adds a pump the file does not have' });
  }
  return found.pumps
    .map((pump) =>
      readEntry(pump, { source: name, env, unresolved, types, maxRecordSize }, findings),
    )
    .filter((entry) => entry !== undefined);
}
