import type { Clock } from '#source';
import type { Limits } from '../policy/read-policies.ts';
import { type Limiter, quotaOf } from './limiter.ts';

interface Calls {
  /** When the calls of the window were, oldest first: milliseconds. */
  times: number[];
  count: number;
  /** When the quota's period ends: milliseconds; infinite: never. */
  until: number;
}

/** More keys than these are forgotten, those first that have not called for longest. */
const mostKeys = 100_000;

/** Counts in this process alone: for tries without Redis. */
export function memoryLimiter(clock: Pick<Clock, 'now'>): Limiter {
  const keys = new Map<string, Calls>();
  const callsOf = (name: string, limits: Limits, now: number): Calls => {
    const known = keys.get(name);
    keys.delete(name);
    const period = limits.quotaPeriod > 0 ? limits.quotaPeriod * 1000 : Number.POSITIVE_INFINITY;
    const calls = known ?? { times: [], count: 0, until: now + period };
    if (keys.size >= mostKeys) keys.delete(keys.keys().next().value ?? '');
    keys.set(name, calls);
    if (now >= calls.until) Object.assign(calls, { count: 0, until: now + period });
    return calls;
  };
  return {
    count(name, limits) {
      const now = clock.now();
      const calls = callsOf(name, limits, now);
      if (limits.rate > 0) {
        calls.times = calls.times.filter((time) => time > now - limits.per * 1000);
        const isOver = calls.times.length >= limits.rate;
        if (calls.times.length <= 2 * limits.rate) calls.times.push(now);
        if (isOver) return Promise.resolve({ ok: false, of: 'rate' });
      }
      if (limits.quota === 0) return Promise.resolve({ ok: true, quota: undefined });
      calls.count++;
      const left = Number.isFinite(calls.until) ? Math.ceil((calls.until - now) / 1000) : -1;
      return Promise.resolve(quotaOf(limits, calls.count, left, now));
    },
  };
}
