import type { OptionSet, OptionsOf } from '../config/options/option.ts';
import type { OptionValue } from '../config/options/option-value.ts';
import { type MetaSource, parseMeta } from '../config/options/parse.ts';
import type { Note, Problem } from '../config/problem.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { PageHandler } from '../lib/page-handler.ts';
import type { RecordKind } from '../record/record.ts';
import type { Shape } from '../record/shape.ts';
import type { apiVersion as currentVersion } from './api-version.ts';
import { type DocumentRules, documentOf, type WrongName } from './document.ts';
import { type Proxy, proxyFor } from './http/proxy.ts';
import { reviewProxies } from './http/review-proxies.ts';
import type { Limits } from './limits.ts';
import type { Rule } from './rule.ts';
import type { SearchIndices } from './search-indices.ts';
import type { ServedAt } from './served-at.ts';
import type { Sink } from './sink.ts';
import { tlsFilesOf } from './tls.ts';
import type { Verdict } from './verdict.ts';

/** What a sink may use of the service. Deliberately poor: no config, no other pumps, no process. */
export interface PumpContext extends Omit<ServiceContext, 'documents'> {
  /** The pump's document as the operator wants it (`fields`); empty where it declares none. */
  readonly document: Shape;
  /** The proxy before an HTTP server, from the environment. */
  proxyFor(url: URL): Proxy | undefined;
}

/** What the service gives of it. */
export interface ServiceContext {
  /** The route's name, as configured. */
  readonly route: string;
  readonly log: Log;
  /** The program's log with this pump's prefix alone: where the stdout pump writes records. */
  readonly programLog: Log;
  /** Resolves once every line logged so far has been taken; rejects where one was lost meanwhile, or the signal aborts. */
  logTaken(signal: AbortSignal): Promise<void>;
  readonly clock: Clock;
  /** Where a pump may count what it alone knows: names that begin with `sluice_` and its type, and `route` as a label. */
  readonly metrics: Metrics;
  /** What the operator wants in documents. */
  readonly documents: DocumentRules;
  /** For messages that name their sender, as syslog's do. */
  readonly processId: number;
  /** The process's standard output, for the stdout pump. Resolves once the text has been taken. */
  writeOutput(bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /**
   * Serves a page on the admin server, for a sink that is asked for its data; gives what takes it away again. Throws
   * where the path is taken.
   */
  mount(path: string, handler: PageHandler): () => void;
}

/** What a repeated delivery does at this destination. Printed at start and in the README. */
export type Repeats = 'harmless' | 'stored-twice' | 'counted-twice';

/**
 * How many worker threads of one process open the pump. `one`: its state or its destination is one thing, such as the
 * counters of a page or the end of a file; it runs in the main thread.
 */
export type Workers = 'any' | 'one';

/** Effectively once: idempotent by record id. Best effort: the protocol cannot know (UDP). */
export type Guarantee = 'effectively-once' | 'at-least-once' | 'best-effort';

/** A checked configuration of a pump: the only thing that can be opened. */
export interface PreparedPump {
  readonly records: RecordKind;
  readonly limits: Limits;
  readonly repeats: Repeats;
  readonly guarantee: Guarantee;
  readonly workers: Workers;
  /** It may look at a record after it has answered for it, as code from outside the tree may. */
  readonly mayKeepRecords: boolean;
  /** Files it reads when it is opened, by option. */
  readonly files: readonly { readonly option: string; readonly path: string }[];
  /** Where it is asked for its data. */
  readonly servedAt: readonly ServedAt[];
  /** What it sends of a record by itself; undefined: no documents. */
  readonly document: Shape | undefined;
  /** Where its documents lie, if in an Elasticsearch or OpenSearch. */
  readonly searchIndices?: SearchIndices | undefined;
  /** What is wrong with the names in a document that the operator wants; undefined: it takes all. */
  readonly checkDocument?: ((document: Shape) => Iterable<WrongName>) | undefined;
  /** Connects. Called by the route, again with back-off while it throws; must obey `signal`. */
  open(context: ServiceContext, signal: AbortSignal): Promise<Sink>;
  /** The verdict for an error that `deliver` let escape, where the pump knows better than the kit. */
  classify(error: unknown): Verdict | undefined;
}

export interface Prepared {
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  /** Its options with their values and who said them. A plugin that brought a kit of its own may not tell. */
  readonly values?: readonly OptionValue[];
  /** Texts that must be masked wherever they turn up. */
  readonly secrets: readonly string[];
  /** Where to look for an option of `meta`: its variable or its place in the file. */
  readonly placeOf: (option: string) => Pick<Problem, 'source' | 'key'>;
  /** Undefined when a problem is an error. */
  readonly pump: PreparedPump | undefined;
}

/** A kind of destination. The type of its options is sealed in `prepare`. */
export interface Pump {
  /** Of the kit it is written for; undefined: that of its own tree. */
  readonly apiVersion: number | undefined;
  /** Equals the folder's name and the registry's key. */
  readonly type: string;
  /** Which records it takes; of a list of others it never sees one. */
  readonly records: RecordKind;
  /** As the reference calls it in its logs (tyk-pump.md, "Pumps and their variables"). */
  readonly title: string;
  readonly summary: string;
  readonly options: OptionSet;
  /**
   * Built-in environment prefix of its meta options (tyk-pump.md, "Pumps and their variables"), without the trailing
   * underscore.
   */
  readonly envPrefix: string;
  /** It stores raw requests and responses in base64, whatever `raw_request_decoded` and `raw_response_decoded` say. */
  readonly storesEncoded?: boolean;
  /** Pure: checks everything the operator said about this pump. */
  prepare(source: MetaSource): Prepared;
}

export interface PumpDefinition<S extends OptionSet> {
  /** A pump from outside the tree says which kit it is written for, as a number. One of the tree does not. */
  readonly apiVersion?: typeof currentVersion;
  readonly type: string;
  /** Left out: `analytics`. One for `uptime` reads its records with `readUptime`. */
  readonly records?: RecordKind;
  readonly title: string;
  readonly summary: string;
  readonly options: S;
  /** Left out: it follows from the type, as in most of Tyk Pump's. */
  readonly envPrefix?: string;
  /** Of variables that Tyk Pump still reads after those of `envPrefix`: without the trailing underscore. */
  readonly legacyEnvPrefix?: string;
  /** It stores raw requests and responses in base64, whatever `raw_request_decoded` and `raw_response_decoded` say. */
  readonly storesEncoded?: boolean;
  /** Left out: `any`. */
  readonly workers?: Workers | ((options: OptionsOf<S>) => Workers);
  /**
   * Of a pump that sends documents: what it sends of a record by itself. What the operator wants of it is `document` of the
   * context, which is what the sink makes its writer of. Undefined where these options make no documents.
   */
  readonly document?: (options: OptionsOf<S>) => Shape | undefined;
  /** Of a pump whose documents Kibana can show: where they lie. */
  readonly searchIndices?: (options: OptionsOf<S>) => SearchIndices;
  /** Of a pump whose destination does not take every name: those that are wrong in the document that the operator wants. */
  readonly checkDocument?: (document: Shape) => Iterable<WrongName>;
  /** Fixed, or from the options. */
  readonly limits: Limits | ((options: OptionsOf<S>) => Limits);
  /** Of a pump that is asked for its data. Two that want one place are told at start. */
  readonly servedAt?: (options: OptionsOf<S>) => readonly ServedAt[];
  /** Fixed, or from the options. */
  readonly repeats: Repeats | ((options: OptionsOf<S>) => Repeats);
  readonly guarantee: Guarantee | ((options: OptionsOf<S>) => Guarantee);
  /** What an option whose value is a name says for others, where nobody says them. */
  readonly preset?: (options: OptionsOf<S>) => PresetValues | undefined;
  /** The HTTP servers it sends to: whether a proxy stands before them is checked and said at start. */
  readonly servers?: (options: OptionsOf<S>) => readonly URL[];
  /** Rules across options: what one option alone cannot say. `key` is the option's; the kit adds where it was said. */
  check?: (options: OptionsOf<S>) => Iterable<Rule>;
  classify?: (error: unknown) => Verdict | undefined;
  open(options: OptionsOf<S>, context: PumpContext, signal: AbortSignal): Promise<Sink>;
}

export interface PresetValues {
  /** Undefined: none was chosen, and these are what holds by default. */
  readonly name: string | undefined;
  /** By option. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Seals a pump: what comes out can be listed with all others, without casts. */
export function definePump<S extends OptionSet>(definition: PumpDefinition<S>): Pump {
  const { apiVersion, type, records = 'analytics', title, summary, options } = definition;
  const { envPrefix = envPrefixOf(type) } = definition;
  return {
    apiVersion,
    type,
    records,
    title,
    summary,
    options,
    envPrefix,
    storesEncoded: definition.storesEncoded ?? false,
    prepare(source) {
      const parsed = parseMeta(options, source, definition.legacyEnvPrefix);
      const { value, placeOf } = parsed;
      const secrets = [...parsed.secrets];
      if (value === undefined)
        return {
          problems: parsed.problems,
          notes: parsed.notes,
          values: parsed.values,
          secrets,
          placeOf,
          pump: undefined,
        };
      const values = withPreset(parsed.values, source, definition.preset?.(value));
      const proxies = reviewProxies(definition.servers?.(value) ?? [], source);
      const notes = [...parsed.notes, ...proxies.notes];
      secrets.push(...proxies.secrets);
      const problems = [
        ...parsed.problems,
        ...proxies.problems,
        ...[...(definition.check?.(value) ?? [])].map((problem) => ({
          ...problem,
          ...placeOf(problem.key),
        })),
      ];
      if (problems.some((problem) => problem.severity === 'error'))
        return { problems, notes, values, secrets, placeOf, pump: undefined };
      const pump = prepared(definition, value, source);
      return { problems, notes, values, secrets, placeOf, pump };
    },
  };
}

const withPreset = (
  values: readonly OptionValue[],
  { key: at }: MetaSource,
  preset: PresetValues | undefined,
): readonly OptionValue[] =>
  preset === undefined
    ? values
    : values.map((each) => {
        const value = preset.values[each.key.slice(at.length + 1)];
        const isUnsaid = each.by.kind === 'nobody' && value !== undefined;
        if (!isUnsaid) return each;
        const { name } = preset;
        return { ...each, value, by: name === undefined ? each.by : { kind: 'preset', name } };
      });

/**
 * Without `-` and `_`, for in a variable the name of a pump ends at the next one. A plugin may have no type; that is told where
 * it is loaded.
 */
const envPrefixOf = (type: unknown): string =>
  `TYK_PMP_PUMPS_${String(type)
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '')}_META`;

function prepared<S extends OptionSet>(
  definition: PumpDefinition<S>,
  options: OptionsOf<S>,
  { env }: MetaSource,
): PreparedPump {
  const {
    records = 'analytics',
    limits,
    repeats,
    guarantee,
    workers = 'any',
    classify,
  } = definition;
  const document = definition.document?.(options);
  return {
    records,
    limits: typeof limits === 'function' ? limits(options) : limits,
    repeats: typeof repeats === 'function' ? repeats(options) : repeats,
    guarantee: typeof guarantee === 'function' ? guarantee(options) : guarantee,
    workers: typeof workers === 'function' ? workers(options) : workers,
    mayKeepRecords: definition.apiVersion !== undefined,
    files: tlsFilesOf(options),
    servedAt: definition.servedAt?.(options) ?? [],
    document,
    searchIndices: definition.searchIndices?.(options),
    checkDocument: definition.checkDocument,
    open({ documents, ...context }, signal) {
      const wanted = documentOf(document ?? [], documents);
      const given = { ...context, document: wanted, proxyFor: (url: URL) => proxyFor(url, env) };
      return definition.open(options, given, signal);
    },
    classify: (error) => classify?.(error),
  };
}
