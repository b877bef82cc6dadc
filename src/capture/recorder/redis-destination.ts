import { explain } from '../../lib/errors.ts';
import { isOutage } from '../../redis/connect-outage.ts';
import type { RedisConnection } from '../../redis/connection.ts';
import { listNames } from '../../redis/keys.ts';
import type { Destination, Outcome } from './destination.ts';

export interface ListRules {
  readonly keyPrefix: string;
  /** `_protobuf`, or nothing. */
  readonly keySuffix: string;
  /** One of ten lists by chance, as a gateway with `enable_multiple_analytics_keys` does. */
  readonly splitKeys: boolean;
  /** Seconds; 0: lists do not expire. */
  readonly expiry: number;
}

interface Parts {
  readonly connection: Pick<RedisConnection, 'client' | 'isUp' | 'trouble'>;
  readonly rules: ListRules;
  readonly random: () => number;
}

/**
 * The gateway's lists. A batch is one RPUSH, so it is there as a whole or not at all. As the gateway does, a list without an
 * expiry gets one where one is configured: a pump that claims it takes the expiry away.
 */
export function redisDestination({ connection, rules, random }: Parts): Destination {
  const names = listNames(rules.keyPrefix).map((name) => name + rules.keySuffix);
  const [whole = '', ...split] = names;
  const listNow = (): string =>
    rules.splitKeys ? (split[Math.floor(random() * split.length)] ?? whole) : whole;
  const { client } = connection;
  return {
    async write(records) {
      if (!connection.isUp()) return away(connection.trouble()?.reason ?? 'no connection yet');
      const list = listNow();
      try {
        await client.rpush(list, ...records);
      } catch (error) {
        return outcomeOf(error);
      }
      if (rules.expiry > 0) await expire(list, rules.expiry);
      return { kind: 'written' };
    },
  };

  /** What fails here has been said by the connection, or will be by the next batch: the records are there. */
  async function expire(list: string, seconds: number): Promise<void> {
    try {
      if ((await client.ttl(list)) === -1) await client.expire(list, seconds);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }
}

const away = (reason: string): Outcome => ({ kind: 'not-written', reason, isAway: true });

/** A refusal is an answer: nothing was done. All else may have come after the deed. */
function outcomeOf(error: unknown): Outcome {
  const reason = explain(error);
  if (reason.startsWith("Stream isn't writeable")) return away(reason);
  if (error instanceof Error && error.name === 'ReplyError')
    return { kind: 'not-written', reason, isAway: isOutage(error) };
  return { kind: 'unknown', reason };
}
