import type { Clock } from '../../lib/clock.ts';
import { explain, StartError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Metrics } from '../../lib/metrics.ts';
import type { CopyBudget } from '../copy-budget.ts';
import type { SourceReport } from '../diagnosis/verdict.ts';
import type { Exchange } from '../exchange.ts';
import type { Source, SourceRedis, Writing } from '../source.ts';
import type { ConfiguredSource } from './config/sources.ts';

export interface SourceParts {
  readonly sources: readonly ConfiguredSource[];
  readonly bodyLimit: number;
  readonly copies: CopyBudget;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly redis: SourceRedis | undefined;
  readonly writing: Writing;
  /** Takes what the source of that name found out. */
  readonly report: (report: SourceReport, name: string) => void;
  /** Takes what the source of that name saw. */
  readonly record: (exchange: Exchange, name: string) => void;
}

interface Running {
  readonly name: string;
  readonly log: Log;
  readonly isRecording: boolean;
  readonly source: Source;
}

const forever = new Promise<boolean>(() => undefined);

/** The sources of a process, from their start to their stop. */
export class RunningSources {
  readonly #running: Running[] = [];

  /** Those of which nobody else says what they saw. */
  get uncounted(): readonly string[] {
    return this.#running.flatMap(({ name, isRecording, source }) =>
      isRecording && source.hasReports !== true ? [name] : [],
    );
  }

  get list(): readonly { readonly name: string; readonly listens_at: readonly string[] }[] {
    return this.#running.map(({ name, source }) => ({ name, listens_at: source.listensAt }));
  }

  /** One after the other. Where one cannot begin, rejects with its reason; those before it are to be stopped. */
  async start(parts: SourceParts): Promise<void> {
    for (const { name, type, isRecording, source } of parts.sources) {
      const log = parts.log.child({ source: name });
      const { clock, metrics, redis, writing, bodyLimit, copies } = parts;
      const context = {
        ...{ name, log, clock, metrics, redis, writing, copies },
        bodyLimit: isRecording ? bodyLimit : 0,
        isRecording,
        report: (report: SourceReport) => parts.report(report, name),
        record: (exchange: Exchange) => {
          if (isRecording) parts.record(exchange, name);
        },
      };
      try {
        const started = await source.start(context);
        this.#running.push({ name, log, isRecording, source: started });
        log.info({ type, listens_at: started.listensAt.join(', ') }, 'A source has begun.');
      } catch (error) {
        throw new StartError(`The source "${name}" cannot begin: ${explain(error)}`, error);
      }
    }
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

  /** One that refuses keeps what it had, which is said. */
  async reload(): Promise<void> {
    await Promise.all(
      this.#running.map(async ({ source, log }) => {
        if (source.reload === undefined) return;
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
    await Promise.all(
      this.#running.map(async ({ source, log }) => {
        try {
          await source.stop(signal);
        } catch (error) {
          log.warn({ reason: explain(error) }, 'A source did not end in order.');
        }
      }),
    );
  }
}
