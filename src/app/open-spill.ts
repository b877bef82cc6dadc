import type { Config } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import { seconds } from '../lib/units.ts';
import { later, untilAborted } from '../lib/waiting.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import type { RedisClient } from '../redis/client.ts';
import { Spill } from '../spill/spill.ts';

/** What a thread has of the spill: one, none by configuration, or none and why. */
export interface OpenedSpill {
  readonly spill: Spill | undefined;
  readonly problem: string | undefined;
}

interface Surroundings {
  readonly config: Pick<Config, 'bounds'>;
  /** Those this thread runs, and those of the other threads. */
  readonly routes: readonly string[];
  readonly others: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly consumer: string;
  readonly host: string;
  readonly processId: number;
}

/** Much is on disk, or the disk does not answer. */
const longOpening = seconds(10);

/**
 * Opens the spill where one is configured. Without it the service does its work, except at the bound. Rejects with the
 * signal's reason alone.
 */
export async function openSpill(
  parts: Surroundings,
  client: RedisClient,
  lists: readonly SourceList[],
  stop: AbortSignal,
): Promise<OpenedSpill> {
  const { config, clock, consumer, host, metrics, others, processId, routes } = parts;
  const { spillDir: root, spillBytes: limit, spillFileMode: fileMode, policy } = config.bounds;
  if (root === '') return { spill: undefined, problem: undefined };
  const log = parts.log.child({ prefix: 'main' });
  const opened = new AbortController();
  later(
    clock,
    longOpening,
    () => log.warn({ spill_dir: root }, 'The spill takes long to open; delivery waits for it.'),
    opened.signal,
  );
  try {
    const opening = Spill.open({
      root,
      limit,
      fileMode,
      instance: consumer,
      host,
      pid: processId,
      client,
      lists,
      routes,
      others,
      clock,
      log,
      metrics,
    });
    return { spill: await untilAborted(opening, stop), problem: undefined };
  } catch (error) {
    stop.throwIfAborted();
    log.error(
      { spill_dir: root, error: explain(error), at_bound: policy },
      'The spill cannot be used; at retained_bytes at_bound decides, and spilled records wait.',
    );
    return { spill: undefined, problem: 'spill_dir cannot be used' };
  } finally {
    opened.abort();
  }
}
