import type { Config, LogConfig, PumpEntry } from './config.ts';
import type { Section } from './effective.ts';
import type { ReadFile } from './files.ts';
import type { Locate } from './locate.ts';
import { type Environment, mistakenPrefixes, unknownVariables } from './options/environment.ts';
import { deepFreeze, member } from './options/json.ts';
import { parseSet } from './options/parse-set.ts';
import { ownOptions } from './own-options.ts';
import type { Note, Problem } from './problem.ts';
import { readSource } from './read-source.ts';
import type { SaidRecords } from './record-rules.ts';
import { noRecordsOptions } from './records-options.ts';
import { type ConfigSource, resolveSource } from './resolve-source.ts';
import { withoutServiceLinks } from './service-links.ts';
import { globalOptions } from './service-options.ts';
import { findPumps, pumpsPrefix } from './tyk/discovery.ts';
import type { Findings, Place } from './tyk/findings.ts';
import { formatOf, withLogVariables } from './tyk/log.ts';
import { otelSecrets, withOtelVariables } from './tyk/otel-variables.ts';
import { readEntry } from './tyk/pump-entry.ts';
import { namesRedis } from './tyk/redis.ts';
import { serviceOf } from './tyk/service.ts';
import { globalLayers, isOfStorage } from './tyk/storage-layers.ts';
import { uptimeEntry, uptimeKey, uptimePrefix } from './tyk/uptime.ts';

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
  /** Every option that could be read with its value and who said it; of the pumps without their `meta`. */
  readonly sections: readonly Section[];
  /** Where a key stands in the file. */
  readonly locate: Locate;
  /** Texts that must be masked wherever they turn up. Those of the pumps are not among them: their own options tell. */
  readonly secrets: readonly string[];
}

/**
 * The way of the configuration (tyk-pump.md, "The configuration's way"): the file, KV references in it and in the
 * variables, the variables over it, defaults, then the translation into one frozen Config. A pump's `meta` is read by
 * the pump.
 */
export async function loadConfig(input: LoadInput): Promise<Loaded> {
  const findings: Findings = { problems: [], notes: [] };
  const { env, links } = withoutServiceLinks(input.env);
  const written = await readSource({ ...input, env }, findings);
  // What the environment says is checked also where there is no file to lay it over.
  const source = await resolveSource(written, { ...input, env }, findings);
  const { secrets } = source;
  const { locate } = written;
  const logFormat = formatOf(source.env, source.raw);
  if (written.isBroken) {
    findings.problems.push(...unreadVariables(source));
    const config = undefined;
    return { config, logFormat, pumps: [], sections: [], secrets, locate, ...findings };
  }
  sayLinks(links, findings);
  const sections: Section[] = [];
  const service = readService({ ...source, links, sections }, findings);
  const uptime = service && uptimeEntry(source, service, findings);
  const pumps = [
    ...readPumps({ ...source, sections }, service, findings),
    ...(uptime === undefined ? [] : [uptime]),
  ];
  const isBroken = findings.problems.some((problem) => problem.severity === 'error');
  const config = isBroken || service === undefined ? undefined : { ...service.config, pumps };
  if (uptime !== undefined) sections.push({ at: uptime.meta.key, values: [] });
  const frozen = config && deepFreeze(config);
  return { config: frozen, logFormat, pumps, sections, secrets, locate, ...findings };
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
function unreadVariables(source: ConfigSource): readonly Problem[] {
  const findings: Findings = { problems: [], notes: [] };
  readService({ ...source, links: [], sections: [] }, findings);
  readPumps({ ...source, sections: [] }, undefined, findings);
  return findings.problems.filter(
    (problem) => problem.source === 'environment' && problem.isUnknown !== true,
  );
}

interface Service {
  readonly config: Omit<Config, 'pumps'>;
  readonly maxRecordSize: number;
  readonly records: SaidRecords;
  readonly leavesUptime: boolean;
  readonly at: Place;
}

function readService(
  source: ConfigSource & { readonly links: readonly string[]; readonly sections: Section[] },
  findings: Findings,
): Service | undefined {
  const { raw, name, env, unresolved, isFileless } = source;
  const globals = parseSet(globalOptions, {
    raw,
    source: name,
    at: '',
    env,
    layers: globalLayers,
    unresolved,
    isFileless,
    allowed: ['$schema', 'pumps', 'kv', uptimeKey, 'sluice'],
  });
  const own = parseSet(ownOptions, {
    raw: member(raw, 'sluice'),
    source: name,
    at: 'sluice',
    env,
    layers: [{ prefix: 'TYK_PMP_SLUICE' }],
    unresolved,
    isFileless,
    allowed: [],
  });
  source.secrets.push(...globals.secrets, ...own.secrets, ...otelSecrets(env));
  source.sections.push(
    { at: '', values: withLogVariables(globals.values, env) },
    { at: 'sluice', values: withOtelVariables(own.values, env) },
  );
  const names = new Set([...globals.variables, ...own.variables]);
  const slips = [
    ...globals.problems,
    ...unknownVariables(env, { prefix: 'TYK_PMP', names, isElsewhere }),
    ...mistakenPrefixes(env, (name) => names.has(name) || isOfPump(name)),
  ];
  const isNamed = globals.value === undefined || namesRedis(globals.value.analytics_storage_config);
  findings.problems.push(
    ...(isNamed ? slips : [...slips.map(asHint), ...linkHints(source.links, names)]),
    ...own.problems,
  );
  findings.notes.push(...globals.notes, ...own.notes);
  if (globals.value === undefined || own.value === undefined) return undefined;
  const service = {
    globals: globals.value,
    own: own.value,
    env,
    at: globals,
    ownAt: own,
  };
  return {
    config: serviceOf(service, findings),
    maxRecordSize: globals.value.max_record_size,
    records: {
      options: own.value.records,
      at: (option) => own.placeOf(`records.${option}`),
    },
    leavesUptime: globals.value.dont_purge_uptime_data,
    at: globals,
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

const isOfPump = (name: string): boolean => name.startsWith(`${pumpsPrefix}_`);

/** Variables with the common prefix that are read somewhere else. */
const isElsewhere = (name: string): boolean =>
  isOfPump(name) ||
  name.startsWith(`${uptimePrefix}_`) ||
  ['TYK_PMP_OMITCONFIGFILE', 'TYK_PMP_BUILDDEMODATA', 'TYK_PMP_KV_STORES'].includes(name);

/** Read by itself: another option of ours that is wrong forbids no plugin. */
function allowedPlugins({ raw, name, env, unresolved }: ConfigSource): readonly string[] {
  const { plugins } = ownOptions;
  const said = parseSet(
    { plugins },
    {
      raw: member(raw, 'sluice'),
      source: name,
      at: 'sluice',
      env,
      layers: [{ prefix: 'TYK_PMP_SLUICE' }],
      unresolved,
      allowed: Object.keys(ownOptions).filter((name) => name !== 'plugins'),
    },
  );
  return said.value?.plugins ?? [];
}

const nothingSaid: SaidRecords = {
  options: noRecordsOptions,
  at: (option) => ({ source: '', key: option }),
};

function readPumps(
  source: ConfigSource & { readonly sections: Section[] },
  service: Service | undefined,
  findings: Findings,
): Config['pumps'] {
  const { raw, name, env, unresolved, types, isFileless, secrets, sections } = source;
  const { maxRecordSize = 0, records = nothingSaid } = service ?? {};
  const plugins = allowedPlugins(source);
  const found = findPumps(member(raw, 'pumps'), name, env);
  findings.problems.push(...found.problems);
  if (found.pumps.length === 0)
    findings.problems.push({
      ...(isFileless
        ? { source: 'environment', key: `${pumpsPrefix}_<NAME>_TYPE` }
        : { source: name, key: 'pumps' }),
      found: 'nothing',
      expected: `at least one pump, ${isFileless ? '' : 'here or '}in variables ${pumpsPrefix}_<NAME>_<OPTION>`,
      severity: 'error',
    });
  for (const pump of found.pumps) {
    if (pump.isInFile || isFileless) continue;
    const key = `${pumpsPrefix}_${pump.name}_…`;
    findings.notes.push({ source: 'environment', key, text: 'adds a pump the file does not have' });
  }
  return found.pumps
    .map((pump) =>
      readEntry(
        pump,
        {
          ...{ source: name, env, unresolved, types, plugins, isFileless },
          ...{ maxRecordSize, records, secrets, sections },
        },
        findings,
      ),
    )
    .filter((entry) => entry !== undefined);
}
