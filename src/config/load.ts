import type { Config, LogConfig, PumpEntry } from './config.ts';
import type { ReadFile } from './files.ts';
import { buildRegistry } from './kv/registry.ts';
import { resolveEnvironment, resolveTree } from './kv/resolve.ts';
import { type Environment, unknownVariables } from './options/environment.ts';
import { deepFreeze, isObject, member } from './options/json.ts';
import { parseSet } from './options/parse-set.ts';
import { ownOptions } from './own-options.ts';
import type { Note, Problem } from './problem.ts';
import { readSource } from './read-source.ts';
import { withoutServiceLinks } from './service-links.ts';
import { globalOptions } from './service-options.ts';
import { findPumps, pumpsPrefix } from './tyk/discovery.ts';
import type { Findings, Place } from './tyk/findings.ts';
import { formatOf } from './tyk/log.ts';
import { readEntry } from './tyk/pump-entry.ts';
import { tykPumpTypes } from './tyk/pump-types.ts';
import { namesRedis } from './tyk/redis.ts';
import { serviceOf } from './tyk/service.ts';
import { globalLayers, isOfStorage } from './tyk/storage-layers.ts';

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
  /** In which format its problems are to be logged, also where it is broken. */
  readonly logFormat: LogConfig['format'];
  /** The pumps that could be read, also where something else is broken: their own problems are told with the others. */
  readonly pumps: readonly PumpEntry[];
  /** Everything that is wrong, at once. */
  readonly problems: readonly Problem[];
  /** Everything accepted that does not do what one might think. */
  readonly notes: readonly Note[];
  /** Texts that must be masked wherever they turn up. Those of the pumps are not among them: their own options tell. */
  readonly secrets: readonly string[];
}

/**
 * The way of the configuration (contract 3.1): the file, KV references in it and in the variables, the variables over
 * it, defaults, then the translation into one frozen Config. A pump's `meta` is read by the pump.
 */
export async function loadConfig(input: LoadInput): Promise<Loaded> {
  const findings: Findings = { problems: [], notes: [] };
  const { env, links } = withoutServiceLinks(input.env);
  const written = await readSource({ ...input, env }, findings);
  // What the environment says is checked also where there is no file to lay it over.
  const source = await resolve(written ?? {}, { ...input, env }, findings);
  const { secrets } = source;
  const logFormat = formatOf(source.env, source.raw);
  if (written === undefined) {
    findings.problems.push(...unreadVariables(source));
    return { config: undefined, logFormat, pumps: [], secrets, ...findings };
  }
  sayLinks(links, findings);
  const service = readService({ ...source, links }, findings);
  const pumps = readPumps(source, service?.maxRecordSize ?? 0, findings);
  const isBroken = findings.problems.some((problem) => problem.severity === 'error');
  const config = isBroken || service === undefined ? undefined : { ...service.config, pumps };
  return { config: config && deepFreeze(config), logFormat, pumps, secrets, ...findings };
}

function sayLinks(links: readonly string[], { notes }: Findings): void {
  if (links.length > 0)
    notes.push({
      source: 'environment',
      key: links.join(', '),
      text: 'links to a service, made by Kubernetes; they say nothing here',
    });
}

/** What is wrong in the variables alone, where the file cannot be read: all problems are told at once. */
function unreadVariables(source: Source): readonly Problem[] {
  const findings: Findings = { problems: [], notes: [] };
  readService({ ...source, links: [] }, findings);
  readPumps(source, 0, findings);
  return findings.problems.filter(
    (problem) => problem.source === 'environment' && problem.isUnknown !== true,
  );
}

/** What a store holds beside secrets: a port, a switch. Masked, it would be missing in half of all lines. */
const isPlain = (text: string): boolean => /^(?:true|false|\d{1,7})$/i.test(text);

/** File and environment, without KV references. */
interface Source {
  readonly raw: unknown;
  readonly name: string;
  readonly env: Environment;
  readonly unresolved: ReadonlyMap<string, string>;
  readonly types: ReadonlySet<string>;
  /** Texts that must be masked, as they are found. */
  readonly secrets: string[];
}

async function resolve(written: unknown, input: LoadInput, findings: Findings): Promise<Source> {
  const { path, env, readFile, types = tykPumpTypes } = input;
  const stores = { raw: member(written, 'kv'), source: path, env, readFile };
  const { registry, problems } = buildRegistry(stores);
  findings.problems.push(...problems);
  const secrets: string[] = [];
  const onFetched = (text: string): void => {
    if (!isPlain(text)) secrets.push(text);
  };
  // The stores themselves may hold texts that look like references.
  const raw = isObject(written)
    ? await resolveTree(without(written, 'kv'), registry, onFetched)
    : written;
  const prefixes = ['TYK_PMP', ...chosenPrefixes(raw)].map((prefix) => `${prefix}_`);
  const isOurs = (name: string): boolean =>
    !name.startsWith('TYK_PMP_KV_') && prefixes.some((prefix) => name.startsWith(prefix));
  const resolved = await resolveEnvironment(env, registry, isOurs, onFetched);
  return { raw, name: path, ...resolved, types: new Set(types), secrets };
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

function readService(
  source: Source & { readonly links: readonly string[] },
  findings: Findings,
): Service | undefined {
  const { raw, name, env, unresolved } = source;
  const globals = parseSet(globalOptions, {
    raw,
    source: name,
    at: '',
    env,
    layers: globalLayers,
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
  source.secrets.push(...globals.secrets, ...own.secrets);
  const names = new Set([...globals.variables, ...own.variables]);
  const slips = [
    ...globals.problems,
    ...unknownVariables(env, { prefix: 'TYK_PMP', names, isElsewhere }),
  ];
  const isNamed = globals.value === undefined || namesRedis(globals.value.analytics_storage_config);
  findings.problems.push(
    ...(isNamed ? slips : [...slips.map(asHint), ...linkHints(source.links, names)]),
    ...own.problems,
  );
  findings.notes.push(...globals.notes, ...own.notes);
  if (globals.value === undefined || own.value === undefined) return undefined;
  const at: Place = { source: name, prefix: '', saidBy: globals.saidBy };
  const hasUptimeConfig =
    Object.keys(env).some((variable) => variable.startsWith('TYK_PMP_UPTIMEPUMPCONFIG_')) ||
    Object.keys(member(raw, 'uptime_pump_config') ?? {}).length > 0;
  const ownAt: Place = { source: name, prefix: 'sluice.', saidBy: own.saidBy };
  const service = { globals: globals.value, own: own.value, env, at, ownAt, hasUptimeConfig };
  return {
    config: serviceOf(service, findings),
    maxRecordSize: globals.value.max_record_size,
  };
}

const hint = 'no Redis is named, and the default is not taken where this may have meant another';

/** Where no Redis is named, a slip may be the name of one. */
const asHint = (problem: Problem): Problem =>
  problem.isUnknown === true && !problem.key.startsWith('TYK_PMP_SLUICE_')
    ? { ...problem, expected: `${problem.expected}; ${hint}`, severity: 'error' }
    : problem;

const linkHints = (links: readonly string[], names: ReadonlySet<string>): readonly Problem[] =>
  links
    .filter((link) => names.has(link) && isOfStorage(link))
    .map((link) => {
      const expected = `a port, not Kubernetes’ link to a service; ${hint}`;
      return { source: 'environment', key: link, found: 'text', expected, severity: 'error' };
    });

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
