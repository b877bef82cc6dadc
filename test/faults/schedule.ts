import type { Behaviour } from './bulk-behaviour.ts';
import type { LinkMode } from './tcp-proxy.ts';

/**
 * A run as data: what is started, what is pushed, what goes wrong when. Made from a seed alone, printed with the result,
 * so that a failure can be repeated. (The schedule is repeated exactly; how the operating system interleaves the
 * processes is not.)
 */
export interface Schedule {
  readonly fault: string;
  readonly seed: number;
  readonly setup: Setup;
  readonly load: Load;
  readonly steps: readonly Step[];
  /**
   * Whether a record may be stored under two ids. Only where Redis itself may forget a claim: after a failover to a
   * replica that lags, the same records are claimed again.
   */
  readonly duplicates: 'none' | 'counted';
}

export interface Setup {
  /** `aof`: one server; `replicated-cluster`: its first node has a replica. */
  readonly store: 'aof' | 'sentinel' | 'cluster' | 'replicated-cluster';
  readonly instances: number;
  /** The routes of each instance at the start; empty: all routes in every one. */
  readonly teams: readonly (readonly string[])[];
  readonly routes: readonly RouteSetup[];
  /** Which connections lead through a proxy: `redis`, or a route's name. */
  readonly proxied: readonly string[];
  /** The `sluice` object. */
  readonly own: Readonly<Record<string, string | number>>;
  /** Seconds, `analytics_storage_config.timeout`. */
  readonly redisTimeout: number;
  /** The largest file a pump may write, in bytes, until the step `liftFileLimit`; 0: any. */
  readonly fileLimit: number;
  /** Seconds after which Redis drops a gateway list; 0: never. */
  readonly expireAfter: number;
  /** The wall clocks of the pumps and of Redis can be stepped. */
  readonly hasClocks: boolean;
}

/** `sql`: rows in PostgreSQL; `sql_aggregate`, and `uptime` of uptime records: sums there. */
export type SinkForm = 'bulk' | 'csv' | DatabaseForm;
export type DatabaseForm = 'sql' | SumsForm;
/** They do not say of which records they are. */
export type SumsForm = 'sql_aggregate' | 'uptime';

export const isDatabase = (form: SinkForm): form is DatabaseForm =>
  form === 'sql' || isOfSums(form);
export const isOfSums = (form: SinkForm): form is SumsForm =>
  form === 'sql_aggregate' || form === 'uptime';

/** What comes again is recognised there. Files have no ids. */
export const knowsRepeats = (form: SinkForm | undefined): boolean =>
  form !== undefined && form !== 'csv';

export interface RouteSetup {
  readonly name: string;
  readonly sink: SinkForm;
  /** Every so many-th record is one the sink refuses for ever; 0: none. */
  readonly rejectEvery: number;
  /** Milliseconds a healthy sink takes to answer. */
  readonly latency: number;
  /** What must arrive at its sink. */
  readonly keeps: Keeps;
}

/** As the pump calls it: the one of uptime records has no entry under `pumps`. */
export const routeName = ({ name, sink }: Pick<RouteSetup, 'name' | 'sink'>): string =>
  sink === 'uptime' ? 'uptime' : name.toUpperCase();

export type Keeps =
  | 'all'
  /** What was pushed after the step `mark`, and nothing of what the step `passBy` saw. What is between may arrive. */
  | 'since-mark'
  /** What the ledger does not count as shed, to the record. */
  | 'all-but-shed'
  /** What was not left when the route was forgotten, to the record. */
  | 'all-but-forgotten';

export interface Load {
  /** What the gateway pushes; only a route of the form `uptime` takes the second. */
  readonly kind: 'calls' | 'uptime';
  readonly records: number;
  readonly overMs: number;
  /** Every so many-th element is no record; 0: none. */
  readonly badEvery: number;
}

/** `after`: milliseconds since the step before. */
export type Step = Action & { readonly after: number };

export type Action =
  | { readonly do: 'kill' | 'pause' | 'resume' | 'liftFileLimit'; readonly instance: number }
  /** Waits for the moment at which Redis lends this instance ranges; not for ever, for others may take them all. */
  | { readonly do: 'leases'; readonly instance: number; readonly withinMs: number }
  /** `routes`: which of them it has; left out: all. */
  | { readonly do: 'start'; readonly routes?: readonly string[] }
  /** Seconds that the wall clock is away from the true time from now on. */
  | { readonly do: 'clock'; readonly of: 'pump' | 'redis'; readonly offset: number }
  /** No instance runs: what is at `of` has been claimed, and none of it may arrive at the route, which is new. */
  | { readonly do: 'passBy'; readonly route: string; readonly of: string }
  /** Waits until every list knows the route: from here on it must get everything. */
  | { readonly do: 'mark'; readonly route: string }
  /** Everything is pushed; the gateway's lists must hold at least this share of it, unclaimed. */
  | { readonly do: 'unclaimed'; readonly share: number }
  /** Waits until an instance says that it has forgotten the route. */
  | { readonly do: 'forgotten'; readonly route: string; readonly withinMs: number }
  /** `sluice release`, killed (-9) that often before it may end; then the gateway's lists are compared. */
  | { readonly do: 'release'; readonly kills: number }
  /** SIGTERM; must exit with code 0 in time. */
  | { readonly do: 'terminate'; readonly instance: number; readonly withinMs: number }
  | { readonly do: 'sink'; readonly route: string; readonly behaviour: Behaviour }
  | { readonly do: 'refuse' | 'accept'; readonly route: string }
  /** The server behind a route is killed (-9), and comes back. */
  | { readonly do: 'databaseKill' | 'databaseStart'; readonly route: string }
  /** For a while somebody else locks the table and then the notes, against the pump's order: deadlocks must come of it. */
  | { readonly do: 'rival'; readonly route: string; readonly forMs: number }
  /** For a while somebody else holds the notes or the table, each time for so long. */
  | {
      readonly do: 'hold';
      readonly what: 'notes' | 'table';
      readonly route: string;
      readonly forMs: number;
      readonly eachMs: number;
    }
  | { readonly do: 'link'; readonly to: string; readonly mode: LinkMode }
  | {
      readonly do: 'redis';
      readonly command:
        | 'kill'
        | 'shutDown'
        | 'start'
        | 'flushScripts'
        | 'killClients'
        | 'refill'
        | 'spoilManifests';
    }
  /** Lets Redis hold this many bytes more than now; `refill` takes the bound away. */
  | { readonly do: 'redisFull'; readonly spare: number }
  /** The replica becomes the master: by the sentinels after a kill, or by its own wish in a cluster. */
  | { readonly do: 'failover' }
  /** Moves the slots of all our keys to other nodes, key by key. */
  | { readonly do: 'reshard' }
  /** Waits until the route has this share of the load; late (for all of it: after the last push) is a failure. */
  | {
      readonly do: 'arrived';
      readonly route: string;
      readonly share: number;
      readonly withinMs: number;
    }
  | { readonly do: 'nothing' };

/** How much a run does. */
export interface Size {
  readonly records: number;
  readonly overMs: number;
  /** How often a repeatable fault strikes. */
  readonly strikes: number;
  /** Milliseconds of an outage. */
  readonly outage: number;
  /** Milliseconds of a pause of the network. */
  readonly pause: number;
  /** How many times faster than in an ordinary configuration ten minutes without a sink pass. */
  readonly haste: number;
}
