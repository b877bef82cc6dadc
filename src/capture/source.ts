import type { OptionSet, OptionsOf } from '../config/options/option.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { CopyBudget } from './copy-budget.ts';
import type { Finding } from './define/inspect.ts';
import type { TurnedAway } from './diagnosis/call-tally.ts';
import type { SourceReport } from './diagnosis/verdict.ts';
import type { Exchange } from './exchange.ts';
import type { Workloads } from './workloads.ts';

/** What a source may use of the process. Deliberately poor: no configuration but its own, no other sources. */
export interface SourceContext {
  /** The source's name in the configuration; its type where it has none. */
  readonly name: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /**
   * How many bytes of each body a record keeps. 0: records have no payloads, so nothing need be copied.
   * A source copies at most so much, and counts the rest. A reload may change it: ask for it with each body.
   */
  readonly bodyLimit: number;
  /**
   * What copies of bodies of all calls under way have in common: each byte is asked for before it is kept, and given back
   * when the exchange has been handed over. Left out: without a bound.
   */
  readonly copies?: CopyBudget | undefined;
  /** False: nobody wants records of this source (`record: false`), so it need not make exchanges. */
  readonly isRecording: boolean;
  /** Takes what was seen. Never throws, never waits: what cannot be kept is counted as dropped. */
  record(exchange: Exchange): void;
  /**
   * What it found out in an interval, for whoever asks why calls are seen, or are not. For a source that counts for itself; of others
   * the process counts the calls. Never throws. Left out: nobody asks.
   */
  readonly report?: ((report: SourceReport) => void) | undefined;
  /**
   * Says for its report that a client spoke what this port does not, and was turned away before it asked for anything: no exchange
   * tells of it. Never throws. Left out: nobody asks.
   */
  readonly turnedAway?: ((reason: TurnedAway) => void) | undefined;
  /** For a source that can wait, as one that reads files: nothing need be dropped then. */
  readonly writing: Writing;
  /** The gateway's Redis, for a source that shares sessions and limits with a gateway; undefined with `storage: memory`. */
  readonly redis: SourceRedis | undefined;
}

/** How far what was recorded has got. */
export interface Writing {
  /** Resolves when few records wait to be written, and the queue is at most half full; or at the abort. */
  room(signal: AbortSignal): Promise<void>;
  /**
   * Resolves when everything that was recorded until now has been answered for, or at the abort. True: all of it is where records go;
   * false: records were lost meanwhile, or it was not waited for.
   */
  written(signal: AbortSignal): Promise<boolean>;
}

/** Commands by name, on the connection of the process. Rejects while Redis is away, at once or after a deadline. */
export interface SourceRedis {
  call(command: string, ...args: readonly (string | number | Buffer)[]): Promise<unknown>;
}

/** A source at work. */
export interface Source {
  /** Where it listens, for the log and tests: `http://127.0.0.1:8080`. */
  readonly listensAt: readonly string[];
  /**
   * Of a source that comes to an end, as one that reads files: resolves when it has seen everything and that is written. False: something
   * was lost, which has been said. A process all of whose sources have ended stops. Left out: it goes on until it is stopped.
   */
  readonly ended?: Promise<boolean> | undefined;
  /** It gives reports of its own (`context.report`), so the process need not count its calls. */
  readonly hasReports?: boolean | undefined;
  /** Of a source that looks into programs: which, to be switched at `/api/workloads`. */
  readonly workloads?: Workloads | undefined;
  /** Reads its files again (SIGHUP). Rejects where they are wrong: then everything stays as it was. */
  reload?(): Promise<void>;
  /** Takes no new connections, lets calls under way end until the signal aborts, then cuts them. */
  stop(signal: AbortSignal): Promise<void>;
}

/** A rule across options that was broken, by the option to look at. */
export interface SourceRule {
  /** `mitm`, `mitm.intercept[2]`. */
  readonly key: string;
  readonly severity: 'error' | 'warning';
  /** What was expected instead, as it reads behind "expected"; with a hint where there is one. Never a secret. */
  readonly message: string;
}

/** What a command prints to, and where its answers come from. */
export interface CommandIo {
  print(text: string): void;
  readonly log: Log;
}

/** A command of a source: `sluice capture <name> --…`; its flags are its options. */
export interface SourceCommand<S extends OptionSet> {
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  /** The option, a list of texts, that words without a flag are elements of. */
  readonly words?: (keyof S & string) | undefined;
  /** Resolves to the exit code: 0, or 1 where what was asked for could not be done. */
  run(options: OptionsOf<S>, io: CommandIo): Promise<number>;
}

/** What an inspection knows of the process. */
export interface Inspected {
  /** There is a Redis, for sessions and limits. */
  readonly hasRedis: boolean;
}

export interface SourceDefinition<S extends OptionSet> {
  /**
   * All it sees comes by ports that it listens at, so that it may run in several processes at once (`workers`). Left out: no, and
   * only the first one of them runs it.
   */
  readonly sharesPorts?: boolean;
  /** Equals the folder's name. */
  readonly type: string;
  readonly title: string;
  readonly summary: string;
  readonly options: S;
  /** The option, a list of texts, that words without a flag on the command line are elements of: `sluice capture har FILE…`. */
  readonly words?: (keyof S & string) | undefined;
  /** What one option alone cannot say. */
  check?: (options: OptionsOf<S>) => Iterable<SourceRule>;
  /**
   * What is wrong with what the options lead to: files, and what they name. All that `start` would refuse, but for what only a
   * start can know, as that a port is taken. For `sluice capture validate`. Never rejects.
   */
  inspect?: (options: OptionsOf<S>, about: Inspected) => Promise<readonly Finding[]>;
  /** Rejects with a `StartError` where it cannot begin: a port that is taken, a file that is wrong. */
  start(options: OptionsOf<S>, context: SourceContext): Promise<Source>;
}
