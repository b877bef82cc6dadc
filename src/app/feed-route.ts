import type { Config } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { silentMetrics } from '../lib/metrics.ts';
import { millis } from '../lib/units.ts';
import { pause, sharedAbort } from '../lib/waiting.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';
import type { PumpContext } from '../pump/define-pump.ts';
import type { DeadLetters } from '../route/dead-letters/store.ts';
import { Crew } from './crew.ts';
import { type Answered, type FedRecord, FedRecords } from './fed-records.ts';
import { planThreads } from './workers/plan.ts';

export interface FeedParts {
  readonly config: Config;
  readonly pump: CheckedPump;
  readonly records: AsyncIterable<FedRecord>;
  readonly letters: DeadLetters;
  /** Records a second; undefined: what the configuration says. */
  readonly rate: number | undefined;
  /** Asked again and again: why nothing more shall be delivered, or undefined. */
  readonly whyNot: () => string | undefined;
  readonly processId: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly writeOutput: PumpContext['writeOutput'];
  readonly logTaken: PumpContext['logTaken'];
}

export interface Fed extends Answered {
  /** Why it ended before its end; undefined: it did not, or was told to. */
  readonly reason: string | undefined;
  /** Every record is answered for. */
  readonly isWhole: boolean;
}

const lookEvery = millis(100);

/** Delivers the records through one route, and nothing else, until they are answered for or the signal aborts. */
export async function feedRoute(parts: FeedParts, signal: AbortSignal): Promise<Fed> {
  const { clock, config } = parts;
  const fed = new FedRecords(clock, parts.records);
  const pump = slowed(parts.pump, parts.rate);
  const { main } = planThreads({ pumps: [pump], workers: 1, bounds: config.bounds });
  const crew = new Crew({
    ...parts,
    pumps: [pump],
    // Those in Redis are for those who deliver from Redis.
    assignments: main.map((assignment) => ({ ...assignment, retriesLetters: false })),
    source: fed,
    spill: undefined,
    lists: [],
    metrics: silentMetrics,
    instruments: undefined,
    mount: () => () => undefined,
  });
  const stopping = sharedAbort();
  const abandoning = sharedAbort();
  const running = crew.run({ stop: stopping.signal, abandon: abandoning.signal });
  const whyOver = (): string | undefined => parts.whyNot() ?? goneReason(crew);
  let reason: string | undefined;
  while (!signal.aborted && !fed.isDone && reason === undefined) {
    await pause(clock, lookEvery, signal);
    reason = whyOver();
  }
  stopping.abort();
  if (!fed.isDone) abandoning.abort();
  await running;
  await crew.end();
  await fed.close();
  if (fed.failure !== undefined) throw fed.failure.error;
  const isWhole = fed.isDone;
  return { ...fed.answered, isWhole, reason: isWhole ? undefined : reason };
}

/** Of a sink that cannot be used any more in this process. */
function goneReason(crew: Crew): string | undefined {
  const [ended] = crew.report().filter(({ report }) => report.state === 'closed');
  return ended && (ended.report.reason ?? 'the sink is gone');
}

/** Never faster than the configuration says. */
function slowed(pump: CheckedPump, records: number | undefined): CheckedPump {
  if (records === undefined) return pump;
  const { limits } = pump.entry;
  const least = Math.min(records, limits.rate?.records ?? records);
  const rate = { records: least, bytes: limits.rate?.bytes };
  return { ...pump, entry: { ...pump.entry, limits: { ...limits, rate } } };
}
