import type { FedRecord } from '../../app/fed-records.ts';
import { feedRoute } from '../../app/feed-route.ts';
import { preparePumps } from '../../app/prepare.ts';
import { loadConfig } from '../../config/load.ts';
import type { Environment } from '../../config/options/environment.ts';
import { formatProblem } from '../../config/problem.ts';
import { Bell } from '../../lib/bell.ts';
import type { Clock } from '../../lib/clock.ts';
import { StartError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { millis } from '../../lib/units.ts';
import { onAbort, sharedAbort } from '../../lib/waiting.ts';
import type { FindPump } from '../../pump/check-pumps.ts';
import type { PumpContext } from '../../pump/define-pump.ts';
import { sourceLists } from '../../purge/lists.ts';
import { decoders } from '../../record/decoders.ts';
import { discardedLetters } from '../../route/dead-letters/store.ts';
import type { CaptureConfig } from './config/load.ts';
import type { Feed } from './service.ts';

export interface FeedTools {
  readonly env: Environment;
  readonly findPump: FindPump;
  readonly pumpTypes: readonly string[];
  readonly learn: (secrets: readonly string[]) => void;
  readonly life: string;
  readonly processId: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly writeOutput: PumpContext['writeOutput'];
  readonly logTaken: PumpContext['logTaken'];
}

/** Records that a pump may be behind: then none is taken, and the queue before it grows to its bound. */
const mostAhead = 10_000;

/**
 * Pumps of this process in the place of Redis: what is recorded goes to each of them, through a route of its own. Nothing is
 * kept: a record that a pump rejects is named in the log, and what none has taken when the process ends is gone.
 */
export async function openFeed(config: CaptureConfig, tools: FeedTools): Promise<Feed> {
  const { clock, log } = tools;
  const loaded = await loadConfig({
    path: 'pumps',
    // Nobody who names pumps here means those of other variables.
    env: Object.fromEntries(Object.entries(tools.env).filter(([name]) => !/^TYK_/.test(name))),
    readFile: () => Promise.resolve(JSON.stringify(asPumpConf(config))),
    types: tools.pumpTypes,
  });
  tools.learn(loaded.secrets);
  for (const problem of loaded.problems)
    log[problem.severity === 'error' ? 'error' : 'warn']({}, formatProblem(problem));
  if (loaded.config === undefined) throw new StartError('The pumps cannot be used as configured.');
  const service = loaded.config;
  const pumps = await preparePumps(loaded.pumps, {
    ...{ findPump: tools.findPump, admin: undefined, log },
  });
  const served = pumps.find(({ pump }) => pump.servedAt.length > 0);
  if (served !== undefined)
    throw new StartError(
      `${served.entry.name} shows pages of its own, which capture does not serve; use storage with a Redis and a pump.`,
    );
  const { encoding } = config.options.record;
  const list = sourceLists('analytics-', decoders).find(({ decoder }) => decoder.name === encoding);
  if (list === undefined) throw new StartError('There is no such encoding.');
  const stopping = sharedAbort();
  const streams = pumps.map(() => new Stream(clock));
  const routes = pumps.map((pump, at) =>
    feedRoute(
      {
        ...{ config: service, pump, clock, log, letters: discardedLetters, rate: undefined },
        records: streams[at]?.records(list, tools.life) ?? nothing(),
        whyNot: () => undefined,
        processId: tools.processId,
        ...{ writeOutput: tools.writeOutput, logTaken: tools.logTaken },
      },
      stopping.signal,
    ),
  );
  return {
    write(records) {
      const slow = streams.some(({ length }) => length >= mostAhead);
      if (slow)
        return Promise.resolve({ kind: 'not-written', isAway: true, reason: 'a pump is behind' });
      for (const stream of streams) stream.put(records);
      return Promise.resolve({ kind: 'written' });
    },
    async close(signal) {
      for (const stream of streams) stream.end();
      const forget = onAbort(signal, () => stopping.abort());
      const fed = await Promise.all(routes);
      forget();
      for (const [at, { isWhole, rejected }] of fed.entries())
        if (!isWhole || rejected > 0)
          log.error(
            { pump: pumps[at]?.entry.name, rejected, left: streams[at]?.length },
            'A pump of this process has not delivered every record; they are nowhere else.',
          );
    },
  };
}

async function* nothing(): AsyncGenerator<FedRecord> {
  // No pump has none.
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

/** Records on their way to one pump. */
class Stream {
  readonly #bell: Bell;
  #waiting: Buffer[] = [];
  #isOver = false;

  constructor(clock: Clock) {
    this.#bell = new Bell(clock);
  }

  get length(): number {
    return this.#waiting.length;
  }

  put(records: readonly Buffer[]): void {
    this.#waiting.push(...records);
    this.#bell.ring();
  }

  end(): void {
    this.#isOver = true;
    this.#bell.ring();
  }

  async *records(list: FedRecord['list'], life: string): AsyncGenerator<FedRecord> {
    let index = 0;
    for (;;) {
      const batch = this.#waiting.splice(0, 512);
      for (const bytes of batch) yield { list, segment: life, index: index++, bytes };
      if (batch.length > 0) continue;
      if (this.#isOver) return;
      await this.#bell.sleep(millis(3_600_000));
    }
  }
}
