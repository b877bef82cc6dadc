import type { Config } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Mask } from '../lib/mask.ts';
import { silentMetrics } from '../lib/metrics.ts';
import { sharedAbort } from '../lib/shared-abort.ts';
import { millis } from '../lib/units.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';
import type { PumpContext } from '../pump/define-pump.ts';
import type { Chunks } from '../purge/chunks.ts';
import type { RouteLeases } from '../purge/lease.ts';
import { sourceLists } from '../purge/lists.ts';
import { decoders } from '../record/decoders.ts';
import type { RedisClient } from '../redis/client.ts';
import { RedisDeadLetters } from '../route/dead-letters.ts';
import { createRoute } from '../route/route.ts';
import { Spill } from '../spill/spill.ts';
import { supervise } from './supervise.ts';

export interface DrainParts {
  readonly config: Config;
  readonly pumps: readonly CheckedPump[];
  /** For dead letters; nothing is claimed. */
  readonly client: RedisClient;
  readonly root: string;
  readonly alsoAdopts: readonly string[];
  readonly instance: string;
  readonly host: string;
  readonly processId: number;
  readonly clock: Clock;
  readonly log: Log;
  /** For dead letters’ reasons. */
  readonly mask: Mask;
  readonly writeOutput: PumpContext['writeOutput'];
  readonly logTaken: PumpContext['logTaken'];
}

export interface Drained {
  readonly found: number;
  readonly left: number;
}

const lookEvery = millis(200);

/** Takes over the spill of dead instances and delivers it, and nothing else, until it is empty or the signal aborts. */
export async function drainSpill(parts: DrainParts, signal: AbortSignal): Promise<Drained> {
  const { client, clock, config, log, mask, pumps } = parts;
  const lists = sourceLists(config.redis.keyPrefix, decoders);
  const spill = await Spill.open({
    ...parts,
    pid: parts.processId,
    limit: config.bounds.spillBytes,
    fileMode: config.bounds.spillFileMode,
    lists,
    routes: pumps.map(({ entry }) => entry.name),
    metrics: silentMetrics,
  });
  const records = (): number => spill.waiting.reduce((sum, route) => sum + spill.records(route), 0);
  const found = records();
  const bound = config.bounds.deadLetterBytes;
  const letters = new RedisDeadLetters({ client, bound, lists: lists.length, clock, mask });
  const stopping = sharedAbort();
  const abandoning = sharedAbort();
  const signals = { stop: stopping.signal, abandon: abandoning.signal };
  const running = pumps
    .filter(({ entry }) => spill.hasBacklog(entry.name))
    .map(({ entry, kind, pump }) => {
      const programLog = log.child({ prefix: `${kind.type}-pump` });
      const routeLog = programLog.child({ pump: entry.name });
      const leases = spill.between(entry.name, { leases: noLeases, chunks: noChunks });
      const create = () =>
        createRoute({
          entry,
          pump,
          context: {
            route: entry.name,
            log: routeLog,
            programLog,
            clock,
            writeOutput: parts.writeOutput,
            logTaken: parts.logTaken,
            processId: parts.processId,
            mount: () => () => undefined,
          },
          leases,
          chunks: leases,
          letters,
          lists,
          bounds: config.bounds,
          delivery: config.delivery,
          clock,
          log: routeLog,
          metrics: silentMetrics,
        });
      return supervise({ leases, create, clock, log: routeLog }, signals);
    });
  while (!signal.aborted && spill.waiting.length > 0)
    await clock.sleep(lookEvery, signal).catch(() => undefined);
  stopping.abort();
  if (signal.aborted) abandoning.abort();
  await Promise.all(running);
  const left = records();
  await spill.close();
  return { found, left };
}

/** Redis has nothing for these routes: the disk is their only source. */
const noLeases: RouteLeases = {
  async take(_most, signal) {
    if (!signal.aborted)
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    return [];
  },
  settle: () => Promise.resolve(),
  isHeld: () => Promise.resolve(true),
  release: () => Promise.resolve(),
  releaseAll: () => Promise.resolve(),
  keep: () => Promise.resolve(),
};

const noChunks: Chunks = {
  read: () => Promise.reject(new Error('there are no ranges but those on disk')),
};
