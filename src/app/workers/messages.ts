/**
 * What the main thread and a worker say to each other. Plain data, in order, and nothing on which a record depends: all
 * that matters is in Redis. A message that is lost because a thread died costs a delay.
 *
 * - The main thread claims, so it tells which lists hold ranges (`announce`) and asks for room at the bound (`relieve`).
 *   A worker tells what the claiming wants to know: `settled`, `idle`, `groupMissing`.
 * - `ready` comes once a worker can work. From the first moment it sends its `state` every second, which is also its
 *   sign of life and all that remains of its counters should it die. With it goes what StatsD is to be told (`measured`), if it is.
 * - `said` and `traced`: a line of the log, and what became of a batch, where somebody is told over OTLP.
 * - `unknown`: a field of records that is not known was met for the first time there.
 * - `ask` is answered by `answer` with the same id, or never: whoever asks has a deadline.
 * - At a reload the questions `configuration`, `ending` and `beginning` are commands, answered by `done` once they have been
 *   carried out; a worker that does not is ended, and its next life begins with the new configuration.
 * - `tap` says who wants to see records (all of them, each time); `tapped` are some of these.
 * - `stop` and `abandon` are the signals of a route (courier.ts). `ended` is the last message.
 */
import type { BatchTrace } from '../../lib/batch-trace.ts';
import type { Millis } from '../../lib/units.ts';
import type { RouteHealth } from '../../route/events/route-health.ts';
import type { Tapped, TapWish } from '../../route/tap/tapped.ts';
import type { Measured } from '../../telemetry/instruments/thread-instruments.ts';
import type { LogLevel } from '../../telemetry/log.ts';
import type { Snapshot } from '../../telemetry/metrics.ts';
import type { SaidLine } from '../../telemetry/said-line.ts';
import type { NamedReport } from '../crew.ts';
import type { UnknownField } from '../unknown-fields.ts';
import type { ConfigTexts } from './config-texts.ts';
import type { Assignment } from './plan.ts';

/** A worker's share of what the process may have. */
export interface Share {
  readonly cacheBytes: number;
  readonly spillBytes: number;
}

/** What a worker is told at its start, beside the configuration. */
export interface WorkerTask extends Share {
  /** From 1 on, for people. */
  readonly worker: number;
  /** Name in every consumer group; unique per thread. */
  readonly consumer: string;
  readonly assignments: readonly Assignment[];
  /** Routes of other threads. */
  readonly others: readonly string[];
}

/** How a worker stands. */
export interface State {
  readonly metrics: Snapshot;
  /** Per route what is on its disk, and why nothing more can go there. */
  readonly spill: readonly {
    readonly route: string;
    readonly records: number;
    readonly problem: string | undefined;
  }[];
}

export type Question =
  | { readonly about: 'state' }
  | { readonly about: 'routes' }
  | { readonly about: 'health'; readonly route: string }
  /** Of what routes are made from now on; those that run are not touched by it. */
  | {
      readonly about: 'configuration';
      readonly texts: ConfigTexts;
      readonly logLevel: LogLevel;
      readonly share: Share;
    }
  /** A route ends within the time given. */
  | {
      readonly about: 'ending';
      readonly route: string;
      readonly grace: Millis;
      readonly isRemoved: boolean;
    }
  | { readonly about: 'beginning'; readonly assignment: Assignment };

export type Answer =
  | { readonly state: State }
  | { readonly routes: readonly NamedReport[] }
  | { readonly health: RouteHealth }
  | { readonly done: true }
  | { readonly failed: string };

export type ToWorker =
  | { readonly kind: 'announce'; readonly lists: readonly string[] }
  | {
      readonly kind: 'relieve';
      readonly route: string;
      readonly list: string;
      readonly upTo: string;
    }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'tap'; readonly wishes: readonly TapWish[] }
  | { readonly kind: 'stop' }
  | { readonly kind: 'abandon' };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'settled'; readonly list: string }
  | { readonly kind: 'idle' }
  | { readonly kind: 'groupMissing' }
  | { readonly kind: 'measured'; readonly measured: Measured }
  | { readonly kind: 'unknown'; readonly field: UnknownField }
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'tapped'; readonly tapped: Tapped }
  | { readonly kind: 'said'; readonly line: SaidLine }
  | { readonly kind: 'traced'; readonly trace: BatchTrace }
  | { readonly kind: 'state'; readonly state: State }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'ended'; readonly unsettled: number; readonly state: State };
