import type { Clock } from '../../lib/clock.ts';
import { explain, StartError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Metrics } from '../../lib/metrics.ts';
import type { Millis } from '../../lib/units.ts';
import { later, onAbort, sharedAbort } from '../../lib/waiting.ts';
import type { CopyBudget } from '../copy-budget.ts';
import type { TurnedAway } from '../diagnosis/call-tally.ts';
import type { SourceReport } from '../diagnosis/verdict.ts';
import type { Exchange } from '../exchange.ts';
import type { Source, SourceRedis, Writing } from '../source.ts';
import type { Workloads } from '../workloads.ts';
import type { ConfiguredSource } from './config/sources.ts';

export interface SourceParts {
  /** How much of bodies records keep, as the configuration says at the moment. */
  readonly live: { readonly bodyLimit: number };
  readonly copies: CopyBudget;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly redis: SourceRedis | undefined;
  readonly writing: Writing;
  /** Takes what the source of that name found out. */
  readonly report: (report: SourceReport, name: string) => void;
  /** Takes why the source of that name turned a client away. */
  readonly turnedAway: (reason: TurnedAway, name: string) => void;
  /** How long calls of a source may go on that the configuration has no more. */
  readonly leaveTime: Millis;
  /** Takes what the source of that name saw. */
  readonly record: (exchange: Exchange, name: string) => void;
}

interface Running {
  readonly name: string;
  readonly log: Log;
  readonly isRecording: boolean;
  readonly source: Source;
  readonly configured: ConfiguredSource;
}

const forever = new Promise<boolean>(() => undefined);

/** The sources of a process, from their start to their stop. */
export class RunningSources {
  readonly #parts: SourceParts;
  readonly #running: Running[] = [];
  /** Those that the configuration has no more, while their calls end. */
  readonly #leaving = new Set<Promise<void>>();
  /** Aborts when those must end. */
  readonly #end = sharedAbort();

  constructor(parts: SourceParts) {
    this.#parts = parts;
  }

  /** Those of which nobody else says what they saw. */
  get uncounted(): readonly string[] {
    return this.#running.flatMap(({ name, isRecording, source }) =>
      isRecording && source.hasReports !== true ? [name] : [],
    );
  }

  get list(): readonly { readonly name: string; readonly listens_at: readonly string[] }[] {
    return this.#running.map(({ name, source }) => ({ name, listens_at: source.listensAt }));
  }

  /** Of those that look into programs. */
  get workloads(): readonly { readonly name: string; readonly workloads: Workloads }[] {
    return this.#running.flatMap(({ name, source: { workloads } }) =>
      workloads === undefined ? [] : [{ name, workloads }],
    );
  }

  /** One after the other. Where one cannot begin, rejects with its reason; those before it are to be stopped. */
  async start(sources: readonly ConfiguredSource[]): Promise<void> {
    for (const configured of sources)
      try {
        await this.#begin(configured);
      } catch (error) {
        const { name } = configured;
        throw new StartError(`The source "${name}" cannot begin: ${explain(error)}`, error);
      }
  }

  /** Of these, those that run not at all, or otherwise. */
  changed(sources: readonly ConfiguredSource[]): readonly ConfiguredSource[] {
    return sources.filter((next) => {
      const running = this.#running.find(({ name }) => name === next.name);
      return running === undefined || !isSame(running.configured, next);
    });
  }

  /**
   * Runs these from now on: begins new ones, ends those that are there no more, and begins those anew that are to be otherwise. One that
   * cannot begin is said and left out; one that cannot begin as changed goes on as it was. `anew`: the names of those that began.
   */
  async apply(
    sources: readonly ConfiguredSource[],
  ): Promise<{ readonly anew: ReadonlySet<string>; readonly isWhole: boolean }> {
    const changed = this.changed(sources);
    const before = new Map(this.#running.map((running) => [running.name, running]));
    // All first, as one may want the port of another. It is free at once; calls under way go on.
    for (const running of before.values()) {
      const isThere = sources.some(({ name }) => name === running.name);
      if (isThere && !changed.some(({ name }) => name === running.name)) continue;
      this.#leave(running);
      if (!isThere) running.log.info({}, 'A source ends: the configuration has it no more.');
    }
    const anew = new Set<string>();
    for (const next of changed)
      if (await this.#beginAnew(next, before.get(next.name))) anew.add(next.name);
    return { anew, isWhole: anew.size === changed.length };
  }

  /** True: it has begun. */
  async #beginAnew(next: ConfiguredSource, before: Running | undefined): Promise<boolean> {
    try {
      await this.#begin(next);
      return true;
    } catch (error) {
      const log = this.#parts.log.child({ source: next.name });
      const reason = explain(error);
      if (before === undefined) {
        log.error({ reason }, 'A source cannot begin; the others go on.');
        return false;
      }
      log.error({ reason }, 'A source cannot begin as it was changed; it goes on as it was.');
    }
    try {
      await this.#begin(before.configured);
    } catch (error) {
      before.log.error({ reason: explain(error) }, 'A source runs no more: it cannot begin again.');
    }
    return false;
  }

  async #begin(configured: ConfiguredSource): Promise<void> {
    const { name, type, isRecording, source } = configured;
    const { clock, metrics, redis, writing, live, copies } = this.#parts;
    const { record, report, turnedAway } = this.#parts;
    const log = this.#parts.log.child({ source: name });
    const started = await source.start({
      ...{ name, log, clock, metrics, redis, writing, copies, isRecording },
      get bodyLimit() {
        return isRecording ? live.bodyLimit : 0;
      },
      report: (found: SourceReport) => report(found, name),
      turnedAway: (reason: TurnedAway) => turnedAway(reason, name),
      record(exchange: Exchange) {
        if (isRecording) record(exchange, name);
      },
    });
    this.#running.push({ name, log, isRecording, source: started, configured });
    log.info({ type, listens_at: started.listensAt.join(', ') }, 'A source has begun.');
  }

  #leave(running: Running): void {
    this.#running.splice(this.#running.indexOf(running), 1);
    const { clock, leaveTime } = this.#parts;
    const end = new AbortController();
    const done = new AbortController();
    later(clock, leaveTime, () => end.abort(), done.signal);
    const forget = onAbort(this.#end.signal, () => end.abort());
    const left = stopped(running, end.signal).finally(() => {
      done.abort();
      forget();
      this.#leaving.delete(left);
    });
    this.#leaving.add(left);
  }

  /** Resolves when every source has come to its end. Never where one goes on. */
  async ended(): Promise<void> {
    await Promise.all(this.#running.map(({ source }) => source.ended ?? forever));
  }

  /** Whether those that come to an end have seen everything; after the stop, which ends them. */
  async areWhole(): Promise<boolean> {
    const ends = this.#running.map(({ source }) => source.ended ?? Promise.resolve(true));
    return (await Promise.all(ends)).every((isWhole) => isWhole);
  }

  /** All but those of these names, which have just read their files. One that refuses keeps what it had, which is said. */
  async reload(except: ReadonlySet<string>): Promise<void> {
    await Promise.all(
      this.#running.map(async ({ name, source, log }) => {
        if (source.reload === undefined || except.has(name)) return;
        try {
          await source.reload();
          log.info({}, 'A source has read its files again.');
        } catch (error) {
          log.error({ reason: explain(error) }, 'A source keeps what it had: its files are wrong.');
        }
      }),
    );
  }

  /** Calls under way end until the signal aborts; then they are cut. */
  async stop(signal: AbortSignal): Promise<void> {
    const forget = onAbort(signal, () => this.#end.abort());
    await Promise.all([
      ...this.#leaving,
      ...this.#running.map((running) => stopped(running, signal)),
    ]);
    forget();
  }
}

const isSame = (one: ConfiguredSource, other: ConfiguredSource): boolean =>
  one.source.digest === other.source.digest &&
  one.type === other.type &&
  one.isRecording === other.isRecording;

async function stopped({ source, log }: Running, signal: AbortSignal): Promise<void> {
  try {
    await source.stop(signal);
  } catch (error) {
    log.warn({ reason: explain(error) }, 'A source did not end in order.');
  }
}
