import type { HostPort } from '../lib/host-port.ts';
import type { Secret } from '../lib/secret.ts';
import type { Bytes, Millis } from '../lib/units.ts';
import type { MetaSource } from './options/parse.ts';
import type { RecordRules } from './record-rules.ts';

/** What the operator wrote, checked, complete and frozen. Names of Tyk's options are translated here and nowhere else. */
export interface Config {
  readonly purge: PurgeConfig;
  readonly redis: RedisConfig;
  readonly pumps: readonly PumpEntry[];
  readonly log: LogConfig;
  readonly health: HealthConfig;
  readonly admin: AdminConfig;
  /** How often to look whether what was read has changed; 0: never. */
  readonly watch: Millis;
  readonly bounds: BoundsConfig;
  readonly delivery: DeliveryConfig;
  /** Worker threads; undefined: as many as the machine's cores suggest. 1: everything in the main thread. */
  readonly workers: number | undefined;
  /** Where metrics of the service go besides; undefined: nowhere. */
  readonly statsd: StatsdConfig | undefined;
  /** Where metrics, traces and logs of the service go over OTLP; undefined: nowhere. */
  readonly telemetry: TelemetryConfig | undefined;
}

/** What the service tells of itself over OTLP. At least one of the three signals goes somewhere. */
export interface TelemetryConfig {
  readonly metrics: OtlpTarget | undefined;
  readonly traces: OtlpTarget | undefined;
  readonly logs: OtlpTarget | undefined;
  /** Between two exports of metrics. */
  readonly interval: Millis;
  /** Share of batches of which spans are sent. */
  readonly sampleRatio: number;
  /** Attributes of the resource, `service.name` among them. */
  readonly resource: Readonly<Record<string, string>>;
}

/** Where one signal goes. */
export interface OtlpTarget {
  /** The whole address, with its path. */
  readonly url: Secret;
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly headers: Readonly<Record<string, Secret>>;
  readonly compression: 'none' | 'gzip';
  readonly timeout: Millis;
  /** Files in PEM; empty: none. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface StatsdConfig {
  readonly target: HostPort;
  readonly prefix: string;
}

export interface HealthConfig {
  /** Path without a slash. */
  readonly name: string;
  readonly port: number;
  /** Address to listen on; empty: all. */
  readonly address: string;
}

/** The Admin API, and TLS of the server that has it. */
export interface AdminConfig {
  readonly hasConsole: boolean;
  /** Empty: it answers on loopback alone. */
  readonly users: readonly AdminUser[];
  /** Undefined: plain HTTP. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/** `viewer` may look, `operator` may also change something. */
export type Role = 'viewer' | 'operator';

export interface AdminUser {
  readonly name: string;
  readonly role: Role;
  /** Of a bearer; at least one of the two is there. */
  readonly token: Secret | undefined;
  /** Of basic authentication. */
  readonly password: Secret | undefined;
}

export interface LogConfig {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly format: 'text' | 'json' | 'legacy';
}

export interface PurgeConfig {
  /** Between two claims while there is no backlog. */
  readonly delay: Millis;
  /** Between two looks for something to claim while records flow; left out: `delay`. */
  readonly flowingDelay?: Millis;
  /** `purge_chunk`: here an upper bound of records per range, so that no batch of work is larger; 0 = by bytes alone. */
  readonly chunk: number;
}

export interface RedisConfig {
  readonly mode: 'standalone' | 'sentinel' | 'cluster';
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly masterName: string;
  readonly username: string;
  readonly password: Secret | undefined;
  readonly sentinelPassword: Secret | undefined;
  readonly database: number;
  /** Deadline of connecting and of each command. */
  readonly timeout: Millis;
  /** Effective prefix of the analytics lists (tyk-pump.md, "Storage options"). */
  readonly keyPrefix: string;
  /**
   * Effective prefix of the version key: the environment layers may replace it too (tyk-pump.md, "Storage options").
   */
  readonly versionKeyPrefix: string;
  /** The same of the list of uptime records. */
  readonly uptimeKeyPrefix: string;
  readonly tls: TlsConfig | undefined;
}

export interface TlsConfig {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly skipVerify: boolean;
  readonly minVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** Server name asked for (SNI) and verified; empty: the host's. */
  readonly serverName: string;
}

/** The filters of one pump, in the words of the contract (4). */
export interface FilterConfig {
  readonly apiIds: readonly string[];
  readonly orgIds: readonly string[];
  readonly responseCodes: readonly number[];
  readonly skipApiIds: readonly string[];
  readonly skipOrgIds: readonly string[];
  readonly skipResponseCodes: readonly number[];
}

/** One entry under `pumps`, or the pump of uptime records: a route to be. */
export interface PumpEntry {
  /** Upper case, as the reference has it: the route's name. That of uptime records is in lower case. */
  readonly name: string;
  /** Which records it is for. */
  readonly records: 'analytics' | 'uptime';
  /** Lower case registered type; of a plugin the module, as written. */
  readonly type: string;
  /** Of an entry whose type is a module from outside the tree. */
  readonly plugin?: PluginPlace;
  readonly filters: FilterConfig;
  /** Deadline of one attempt; undefined: the service's default. */
  readonly timeout: Millis | undefined;
  readonly omitDetailedRecording: boolean;
  /** Own value or the global one; 0 = off. */
  readonly maxRecordSize: number;
  readonly ignoreFields: readonly string[];
  readonly rawRequestDecoded: boolean;
  readonly rawResponseDecoded: boolean;
  /** Its own and those for all pumps, in one. */
  readonly rules: RecordRules;
  /** Where it begins when it has never been seen. */
  readonly startAt: 'now' | 'oldest';
  /** Older records are not sent; left out: all are. */
  readonly maxAge?: Millis;
  /** Operator's lowering of the pump's limits. */
  readonly limits: LimitsConfig;
  /** Which variable said an option of the entry, by the option's key; absent: the file, or nobody. */
  readonly saidBy?: Readonly<Record<string, string>>;
  /** For Pump.prepare. `envPrefix` is empty where the pump's built-in prefix is to be used. */
  readonly meta: MetaSource;
}

export interface PluginPlace {
  /** Where a relative path and a package are looked for: the configuration file's folder; without a file the working one. */
  readonly folder: string;
  /** `sluice.plugins` names it. Nothing of another is loaded. */
  readonly isAllowed: boolean;
}

export interface LimitsConfig {
  readonly records: number | undefined;
  readonly bytes: Bytes | undefined;
  readonly age: Millis | undefined;
  readonly inFlight: number | undefined;
  /** Whether the number of batches under way follows the sink's answers or is always the limit. */
  readonly concurrency: 'adaptive' | 'fixed';
  /** Most that it is sent in a second, by all instances together; undefined: as much as its sink takes. */
  readonly rate?: { readonly records: number | undefined; readonly bytes: Bytes | undefined };
}

/** What the service keeps is bounded (ARCHITECTURE.md, "Bounds"). */
export interface BoundsConfig {
  /** Bytes of claimed segments in Redis. */
  readonly retainedBytes: Bytes;
  /** The operator chose `retainedBytes`; else a tenth of Redis's `maxmemory` may lower it. */
  readonly isRetainedSet: boolean;
  /** How long records stay there that every route has answered for, as far as the bound leaves room; undefined: they go at once. */
  readonly retain?: Millis;
  /** What happens at `retainedBytes`. */
  readonly policy: 'shed' | 'hold';
  /** Folder to which ranges of a lagging route are moved at `retainedBytes`, before `policy`; empty: none. */
  readonly spillDir: string;
  /** Bytes of spilled ranges on disk, per instance. */
  readonly spillBytes: Bytes;
  /** Permissions of its files. */
  readonly spillFileMode: number;
  readonly cacheBytes: Bytes;
  /** Per route, retries included. */
  readonly inFlightBytes: Bytes;
  /** Per route. */
  readonly deadLetterBytes: Bytes;
}

export interface DeliveryConfig {
  /** How long a range stays leased without renewal. */
  readonly lease: Millis;
  /** After this long without a consumer a group that no configuration names is destroyed. */
  readonly orphanAfter: Millis;
  /** Longest time a stop may take. */
  readonly shutdownTimeout: Millis;
  /** Deadline of one attempt where the pump entry has no `timeout`. */
  readonly attemptTimeout: Millis;
  /** Back-off with full jitter: first ceiling and largest ceiling. */
  readonly backoffBase: Millis;
  readonly backoffMax: Millis;
  /** Longest pause that a sink may ask for. */
  readonly longestPause: Millis;
  /** Failures after which a record is given up that a working sink does not take; 0: never. */
  readonly giveUpAttempts: number;
  /** Where its sink pleads want of capacity or of rights: not before this age. */
  readonly giveUpAge: Millis;
  /** What happens to the records of a sink that refuses everything. */
  readonly atRefusal: 'wait' | 'reject';
  /** Share of the attempts that retries may take while fresh records wait; above 0, below 1. */
  readonly retryShare: number;
}
