import type { Config } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Mask } from '../lib/mask.ts';
import { silentMetrics } from '../lib/metrics.ts';
import { millis } from '../lib/units.ts';
import { aborted, pause, sharedAbort } from '../lib/waiting.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';
import type { PumpContext } from '../pump/define-pump.ts';
import type { RouteLeases } from '../purge/lease/lease.ts';
import { readLists } from '../purge/lists.ts';
import type { Source } from '../purge/purge.ts';
import type { RedisClient } from '../redis/client.ts';
import { homeOf, readControls } from '../route/controls/store.ts';
import { RedisDeadLetters } from '../route/dead-letters/store.ts';
import { Spill } from '../spill/spill.ts';
import { Crew } from './crew.ts';
import { planThreads } from './workers/plan.ts';

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
  const { client, clock, config, mask } = parts;
  const pumps = await notPaused(parts);
  const lists = readLists(
    config.redis,
    pumps.map(({ entry }) => entry),
  );
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
  const { main } = planThreads({
    pumps: pumps.filter(({ entry }) => spill.hasBacklog(entry.name)),
    workers: 1,
    bounds: config.bounds,
  });
  const crew = new Crew({
    ...parts,
    // Dead letters to be tried again are for those who deliver from Redis.
    assignments: main.map((assignment) => ({ ...assignment, retriesLetters: false })),
    source: onDiskAlone,
    spill,
    letters,
    lists,
    metrics: silentMetrics,
    instruments: undefined,
    mount: () => () => undefined,
  });
  const stopping = sharedAbort();
  const abandoning = sharedAbort();
  const running = crew.run({ stop: stopping.signal, abandon: abandoning.signal });
  while (!signal.aborted && spill.waiting.length > 0) await pause(clock, lookEvery, signal);
  stopping.abort();
  if (signal.aborted) abandoning.abort();
  await running;
  await crew.end();
  const left = records();
  await spill.close();
  return { found, left };
}

/** Of those who are paused, files stay as they are. Where Redis cannot be asked, who says the command is believed. */
async function notPaused({ client, config, log, pumps }: DrainParts): Promise<typeof pumps> {
  const asked = await Promise.all(
    pumps.map(async ({ entry }) => {
      const home = homeOf(config.redis, entry).key;
      const [controls] = await readControls(client, home, [entry.name]).catch(() => []);
      return controls?.paused;
    }),
  );
  for (const [at, paused] of asked.entries())
    if (paused !== undefined)
      log.warn(
        { route: pumps[at]?.entry.name, by: paused.by, since: paused.at },
        'A pump is paused: its records stay on disk.',
      );
  return pumps.filter((_pump, at) => asked[at] === undefined);
}

/** Redis has nothing for these routes: the disk is their only source. */
const noLeases: RouteLeases = {
  async take(_most, signal) {
    await aborted(signal);
    return [];
  },
  settle: () => Promise.resolve(),
  isHeld: () => Promise.resolve(true),
  release: () => Promise.resolve(),
  releaseAll: () => Promise.resolve(),
  keep: () => Promise.resolve(),
};

const onDiskAlone: Source = {
  mode: 'at-least-once',
  leasesFor: () => noLeases,
  forget: () => undefined,
  chunks: { read: () => Promise.reject(new Error('there are no ranges but those on disk')) },
};
