import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { RedisClient } from '../../redis/client.ts';
import { controlsKey, stateKey } from '../../redis/keys.ts';
import { isRefusal } from '../../redis/retrying.ts';
import { runScript } from '../../redis/script.ts';
import { type Grants, localGrants } from '../pace/rate.ts';
import { grantScript } from './scripts/grant.ts';

interface GrantParts {
  readonly client: RedisClient;
  readonly route: string;
  /** The list that its controls go with. */
  readonly home: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The rate of a route, shared by all instances and threads. Where Redis refuses to keep it, each has it for itself. */
export function sharedGrants({ client, route, home, clock, log }: GrantParts): Grants {
  const alone = localGrants(clock);
  let isRefused = false;
  return async (rate, wanted) => {
    const args = [rate.records ?? 0, rate.bytes ?? 0, wanted.records, wanted.bytes];
    try {
      const keys = [controlsKey(home), stateKey(home)];
      const reply = await runScript(client, grantScript, keys, [creditField(route), ...args]);
      const [records = 0, bytes = 0] = (reply as readonly string[]).map(Number);
      return { records, bytes };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (!isRefused)
        log.warn(
          { error: explain(error) },
          'Redis does not keep the rate of a pump for all instances: each holds to it by itself.',
        );
      isRefused = true;
      return alone(rate, wanted);
    }
  };
}

/** In the hash of the controls: when credit was given last, and what was left. */
const creditField = (route: string): string => `${route}|credit`;
