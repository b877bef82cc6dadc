import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { millis } from '../../lib/units.ts';
import { isAborted, pause, unlessAborted } from '../../lib/waiting.ts';
import { CallTally, type TurnedAway } from '../diagnosis/call-tally.ts';
import type { SourceReport } from '../diagnosis/verdict.ts';
import type { Exchange } from '../exchange.ts';
import type { SourceRedis } from '../source.ts';

export interface ReportsParts {
  /** Names this process among all. */
  readonly life: string;
  readonly redis: SourceRedis | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often there is a report of a source that does not count for itself. */
const every = millis(60_000);
/** Reports of a source that are kept in this process. */
const mostKept = 60;
/** Seconds that a report is kept in Redis. */
const expiry = 3600;
/** Counters that are longer are left out there; what follows from them is short. */
const mostBytes = 256 * 1024;
/** One command, so that no key can stay without its expiry. */
const script =
  "redis.call('HSET', KEYS[1], unpack(ARGV, 2)) redis.call('EXPIRE', KEYS[1], ARGV[1])";

/** What sources say of what they saw: kept for `/api/diagnostics`, and the latest of each source in Redis. */
export class Reports {
  readonly #parts: ReportsParts;
  readonly #kept = new Map<string, SourceReport[]>();
  /** Names of those that do not count for themselves; a reload may change it. */
  #uncounted: () => readonly string[] = () => [];
  readonly #tallies = new Map<string, CallTally>();
  /** The last report that is on its way to Redis, with those before it. */
  #writing: Promise<void> = Promise.resolve();
  #isRefused = false;

  constructor(parts: ReportsParts) {
    this.#parts = parts;
  }

  /** Of a source that counts for itself. */
  take(source: string, report: SourceReport): void {
    const kept = this.#kept.get(source) ?? [];
    const older = kept.slice(0, mostKept - 1).map((each) => ({ ...each, counters: {} }));
    this.#kept.set(source, [report, ...older]);
    const before = this.#writing;
    this.#writing = this.#write(source, report).then(() => before);
  }

  seen(exchange: Exchange, source: string): void {
    this.#tallyOf(source)?.seen(exchange);
  }

  turnedAway(reason: TurnedAway, source: string): void {
    this.#tallyOf(source)?.turnedAway(reason);
  }

  /**
   * Makes reports of what was seen, until the signal aborts, and one of what has been seen since the last. `uncounted`: names of the
   * sources that run and do not count for themselves.
   */
  async run(uncounted: () => readonly string[], signal: AbortSignal): Promise<void> {
    this.#uncounted = uncounted;
    const { clock } = this.#parts;
    for (let from = clock.now(); ; ) {
      await pause(clock, every, signal);
      const to = clock.now();
      for (const name of uncounted()) this.#tallyOf(name);
      for (const [name, tally] of this.#tallies) {
        const isGone = !uncounted().includes(name);
        if (isGone) this.#tallies.delete(name);
        if (isGone && tally.isEmpty) continue;
        // That nothing came in the last seconds hides no report of a whole minute.
        if (isAborted(signal) && tally.isEmpty && this.#kept.has(name)) continue;
        this.take(name, tally.take(from, to));
      }
      if (isAborted(signal)) return;
      from = to;
    }
  }

  /** Resolves when every report is in Redis or cannot be, or the signal aborts. */
  written(signal: AbortSignal): Promise<void> {
    return unlessAborted(this.#writing, undefined, signal);
  }

  /** What `/api/diagnostics` answers; the newest first. */
  get page(): object {
    const sources = [...this.#kept].map(([name, reports]) => ({ name, reports }));
    return { instance: this.#parts.life, sources };
  }

  #tallyOf(source: string): CallTally | undefined {
    const known = this.#tallies.get(source);
    if (known !== undefined || !this.#uncounted().includes(source)) return known;
    const tally = new CallTally();
    this.#tallies.set(source, tally);
    return tally;
  }

  async #write(source: string, { from, to, verdicts, counters }: SourceReport): Promise<void> {
    const { redis, life, log } = this.#parts;
    if (redis === undefined) return;
    const key = `sluice-capture:report:${source}:${life}`;
    const text = JSON.stringify(counters);
    const fields = [
      ...['source', source, 'instance', life, 'from', from, 'to', to],
      ...['headline', verdicts[0]?.words ?? '', 'verdicts', JSON.stringify(verdicts)],
      ...['counters', text.length > mostBytes ? '' : text],
    ];
    try {
      await redis.call('EVAL', script, 1, key, expiry, ...fields);
      this.#isRefused = false;
    } catch (error) {
      if (!this.#isRefused)
        log.warn(
          { source, reason: explain(error) },
          'A report cannot be kept in Redis; it is at /api/diagnostics.',
        );
      this.#isRefused = true;
    }
  }
}
