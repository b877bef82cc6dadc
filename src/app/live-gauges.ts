import type { Clock } from '../lib/clock.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Purge } from '../purge/purge.ts';

/** What is known at every moment without asking anybody: set when the page is asked for. */
export function createLiveGauges(
  metrics: Metrics,
  clock: Clock,
): (now: {
  readonly redis: { isUp(): boolean } | undefined;
  readonly purge: Pick<Purge, 'status'> | undefined;
}) => void {
  const redisUp = metrics.gauge({
    name: 'sluice_redis_up',
    help: '1 while Redis answers, else 0; /ready says why not.',
  });
  const lastRound = metrics.gauge({
    name: 'sluice_last_round_timestamp_seconds',
    help: 'When all gateway lists were last looked at successfully. 0: not yet.',
  });
  return ({ redis, purge }) => {
    redisUp.set(redis?.isUp() === true ? 1 : 0);
    const last = purge?.status().lastRound;
    if (last !== undefined) lastRound.set((clock.now() - (clock.elapsed() - last)) / 1000);
  };
}
