/**
 * Counts in Redis, under the keys and in the form of a Tyk gateway that limits by Redis: several processes, and gateways beside
 * them, count together.
 */
import { type Clock, explain, type SourceRedis } from '#source';
import type { QuietLog } from '../../shared/listen/quiet-log.ts';
import type { Limits } from '../policy/read-policies.ts';
import { type Counted, type Limiter, quotaOf } from './limiter.ts';

/**
 * A sorted set of the calls of a window, by their nanoseconds. Refused calls count too, as with the gateway, but no more of them
 * than as many again: whoever hammers must not fill Redis.
 */
const countRate = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local calls = redis.call('ZCARD', KEYS[1])
if calls < tonumber(ARGV[4]) then redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3]) end
redis.call('EXPIRE', KEYS[1], ARGV[5])
return calls`;

/** A counter that ends with its period. One without an end, which had lost it, gets it again. */
const countQuota = `
local calls = redis.call('INCR', KEYS[1])
local left = redis.call('TTL', KEYS[1])
if left < 0 and tonumber(ARGV[1]) > 0 then
  redis.call('EXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {calls, left}`;

export function redisLimiter({
  redis,
  clock,
  log,
  onUncounted,
}: {
  readonly redis: SourceRedis;
  readonly clock: Clock;
  readonly log: QuietLog;
  /** Called for each call that could not be counted. */
  readonly onUncounted: () => void;
}): Limiter {
  let serial = 0;

  async function rate(name: string, { rate: most, per }: Limits): Promise<boolean> {
    const nanos = BigInt(Math.floor(clock.now())) * 1_000_000n;
    const since = nanos - BigInt(Math.round(per * 1e9));
    serial = (serial + 1) % 1_000_000;
    const member = `${nanos + BigInt(serial)}`;
    const calls = await redis.call(
      ...(['EVAL', countRate, 1, `rate-limit-${name}`] as const),
      ...[`${since}`, member, member, String(2 * Math.ceil(most) + 1), String(Math.ceil(per))],
    );
    return Number(calls) < most;
  }

  async function quota(name: string, limits: Limits): Promise<Counted> {
    const answer = await redis.call(
      ...(['EVAL', countQuota, 1, `quota-${name}`, String(limits.quotaPeriod)] as const),
    );
    const [calls, left] = Array.isArray(answer) ? answer.map(Number) : [0, -1];
    return quotaOf(limits, calls ?? 0, left ?? -1, clock.now());
  }

  return {
    async count(name, limits) {
      try {
        if (limits.rate > 0 && !(await rate(name, limits))) return { ok: false, of: 'rate' };
        return limits.quota > 0 ? await quota(name, limits) : { ok: true, quota: undefined };
      } catch (error) {
        onUncounted();
        log.warn({ reason: explain(error) }, 'Calls pass unlimited: Redis does not count them.');
        return { ok: true, quota: undefined };
      }
    },
  };
}
