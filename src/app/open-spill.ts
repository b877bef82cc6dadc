import type { Config } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { SourceList } from '../purge/lease.ts';
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

/** Opens the spill where one is configured. Without it the service does its work, except at the bound. */
export async function openSpill(
  parts: Surroundings,
  client: RedisClient,
  lists: readonly SourceList[],
): Promise<OpenedSpill> {
  const { config, clock, consumer, host, metrics, others, processId, routes } = parts;
  const { spillDir: root, spillBytes: limit, policy } = config.bounds;
  if (root === '') return { spill: undefined, problem: undefined };
  const log = parts.log.child({ prefix: 'main' });
  try {
    const spill = await Spill.open({
      root,
      limit,
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
    return { spill, problem: undefined };
  } catch (error) {
    log.error(
      { spill_dir: root, error: explain(error), at_bound: policy },
      'The spill cannot be used; at retained_bytes at_bound decides, and spilled records wait.',
    );
    return { spill: undefined, problem: 'spill_dir cannot be used' };
  }
}
