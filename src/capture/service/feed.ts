import { Crew } from '../../app/crew.ts';
import { reviewEntries } from '../../app/prepare.ts';
import { planThreads } from '../../app/workers/plan.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import type { Environment } from '../../config/options/environment.ts';
import { formatProblem, type Problem } from '../../config/problem.ts';
import { Bell } from '../../lib/bell.ts';
import type { Clock } from '../../lib/clock.ts';
import { ContractError, StartError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Metrics } from '../../lib/metrics.ts';
import { mebibytes } from '../../lib/units.ts';
import { isAborted, onAbort, sharedAbort } from '../../lib/waiting.ts';
import type { CheckedPump, FindPump } from '../../pump/check-pumps.ts';
import type { PumpContext } from '../../pump/define-pump.ts';
import { sourceLists } from '../../purge/lists.ts';
import { FeedPurge } from '../../purge/memory/feed-purge.ts';
import { decoders } from '../../record/decoders.ts';
import { discardedLetters } from '../../route/dead-letters/store.ts';
import type { CaptureConfig } from './config/load.ts';
import type { Feed } from './service.ts';

/** What pumps are looked for with. */
export interface ReviewTools {
  readonly env: Environment;
  readonly findPump: FindPump;
  readonly pumpTypes: readonly string[];
  /** What the operator wrote them in, for messages. */
  readonly source: string;
}

export interface FeedTools extends ReviewTools {
  readonly learn: (secrets: readonly string[]) => void;
  readonly processId: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly writeOutput: PumpContext['writeOutput'];
  readonly logTaken: PumpContext['logTaken'];
}

/** What pumps have not answered for: then nothing more is taken, and the queue before it grows to its bound. */
const bound = mebibytes(16);
/** Batches that wait for them. */
const mostWaiting = 64;

/**
 * Pumps of this process in the place of Redis, each with a route of its own, fed from memory as in demo mode. Nothing is
 * kept: what a pump rejects is counted, and what none has taken when the process ends is gone.
 */
export async function openFeed(capture: CaptureConfig, tools: FeedTools): Promise<Feed> {
  const { clock, log, metrics, processId, writeOutput, logTaken } = tools;
  const { config, pumps } = await readPumps(capture, tools);
  const { encoding } = capture.options.record;
  const list = sourceLists('analytics-', decoders).find(({ decoder }) => decoder.name === encoding);
  if (list === undefined) throw new ContractError('every encoding has a list');
  const stream = new Stream(clock);
  const source = new FeedPurge({
    ...{ clock, metrics, list, feed: stream.batches(), bound, instruments: undefined },
  });
  const { main } = planThreads({ pumps, workers: 1, bounds: config.bounds });
  const crew = new Crew({
    ...{ config, pumps, assignments: main, source, spill: undefined, lists: [] },
    ...{ letters: discardedLetters, clock, log, metrics, instruments: undefined },
    ...{ processId, writeOutput, logTaken },
    mount: () => () => undefined,
  });
  const [stopping, abandoning] = [sharedAbort(), sharedAbort()];
  const running = crew.run({ stop: stopping.signal, abandon: abandoning.signal });
  const feeding = source.run(abandoning.signal);
  return {
    write(records) {
      if (stream.length >= mostWaiting)
        return Promise.resolve({ kind: 'not-written', isAway: true, reason: 'a pump is behind' });
      stream.put(records);
      return Promise.resolve({ kind: 'written' });
    },
    async close(signal) {
      stream.end();
      const forget = onAbort(signal, () => {
        abandoning.abort();
        stream.cut();
      });
      await feeding;
      forget();
      stopping.abort();
      await running;
      await crew.end();
      if (!isAborted(abandoning.signal)) return true;
      log.error(
        {},
        'A pump of this process has not delivered every record; they are nowhere else.',
      );
      return false;
    },
  };
}

/** The pumps that this process feeds; rejects with all that is wrong with them. */
async function readPumps(
  capture: CaptureConfig,
  tools: FeedTools,
): Promise<{ readonly config: Config; readonly pumps: readonly CheckedPump[] }> {
  const { log } = tools;
  const { config, pumps, problems, secrets } = await reviewPumps(capture, tools);
  tools.learn(secrets);
  for (const problem of problems)
    log[problem.severity === 'error' ? 'error' : 'warn']({}, formatProblem(problem));
  if (config === undefined || problems.some(({ severity }) => severity === 'error'))
    throw new StartError('The pumps cannot be used as configured.');
  return { config, pumps };
}

/** What is wrong with the pumps that this process would feed, by the options that name them. For `validate`. */
export const inspectPumps = async (
  capture: CaptureConfig,
  tools: ReviewTools,
): Promise<readonly Problem[]> => (await reviewPumps(capture, tools)).problems;

async function reviewPumps(capture: CaptureConfig, tools: ReviewTools) {
  const loaded = await loadConfig({
    path: tools.source,
    // Who names pumps here does not mean those of a pump's variables.
    env: Object.fromEntries(Object.entries(tools.env).filter(([name]) => !/^TYK_/.test(name))),
    readFile: () => Promise.resolve(JSON.stringify(asPumpConf(capture))),
    types: tools.pumpTypes,
  });
  const { config, secrets } = loaded;
  const { findPump } = tools;
  const reviewed = await reviewEntries(loaded.pumps, { findPump, admin: undefined });
  const absent = reviewed.leftOut.map((problem) => ({ ...problem, severity: 'error' as const }));
  const served = reviewed.usable
    .filter(({ pump }) => pump.servedAt.length > 0)
    .map(({ entry }) => ({
      ...{ source: tools.source, key: `pumps.${entry.name}.type`, severity: 'error' as const },
      found: 'a pump that shows pages of its own, which capture does not serve',
      expected: 'another one; or a Redis to write to, and a pump that reads it',
    }));
  const problems: readonly Problem[] = [
    ...loaded.problems,
    ...reviewed.problems,
    ...absent,
    ...served,
  ];
  return {
    ...{ config, pumps: reviewed.usable, secrets: [...secrets, ...reviewed.secrets] },
    problems: problems.map((problem) => asWritten(problem, capture)),
  };
}

/** Those in `to` are entries of ours, by their types in capitals; what they ask for can be said in `pumps` alone. */
function asWritten(problem: Problem, { options, pumps }: CaptureConfig): Problem {
  const [, name = '', option] = /^pumps\.([^.]+)(?:\.meta\.(.+))?/.exec(problem.key) ?? [];
  const at = options.to.findIndex((type) => type.toUpperCase() === name);
  if (at === -1 || Object.hasOwn(pumps, name)) return problem;
  const key = `to[${at}]`;
  if (option === undefined) return { ...problem, key };
  return {
    ...{ ...problem, key },
    found: `a pump with ${problem.found} as its option ${option}`,
    expected: `one that needs no options here; or this one in \`pumps\`, with ${problem.expected} as its ${option}`,
  };
}

/** The part of a pump.conf that these pumps read. */
function asPumpConf({ options, pumps }: CaptureConfig): object {
  const named = options.to.map((type) => [type.toUpperCase(), { type, meta: {} }] as const);
  return {
    purge_delay: 1,
    // Nobody connects there.
    analytics_storage_config: { host: 'localhost', port: 6379 },
    pumps: { ...Object.fromEntries(named), ...pumps },
    sluice: { workers: 1, shutdown_timeout: `${options.shutdown_timeout}ms` },
  };
}

/** Batches on their way to the pumps. */
class Stream {
  readonly #bell: Bell;
  #waiting: (readonly Buffer[])[] = [];
  #isOver = false;

  constructor(clock: Clock) {
    this.#bell = new Bell(clock);
  }

  get length(): number {
    return this.#waiting.length;
  }

  put(records: readonly Buffer[]): void {
    this.#waiting.push(records);
    this.#bell.ring();
  }

  end(): void {
    this.#isOver = true;
    this.#bell.ring();
  }

  /** What waits is not delivered any more. */
  cut(): void {
    this.#waiting = [];
    this.end();
  }

  async *batches(): AsyncGenerator<readonly Buffer[]> {
    for (;;) {
      const batch = this.#waiting.shift();
      if (batch !== undefined) yield batch;
      else if (this.#isOver) return;
      else await this.#bell.rung();
    }
  }
}
