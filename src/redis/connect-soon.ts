import type { RedisConfig } from '../config/config.ts';
import { systemClock } from '../lib/clock.ts';
import { millis } from '../lib/units.ts';
import { later } from '../lib/waiting.ts';
import { beginRedis, type ConnectDeps } from './connect.ts';
import type { RedisConnection } from './connection.ts';

/** With the start of the process it is below five seconds. */
const connectTime = millis(3_000);

/**
 * Connects for somebody who waits: rejects with the reason, at once where waiting cures nothing, and else when Redis has
 * had its time.
 */
export async function connectSoon(
  config: RedisConfig,
  deps: Pick<ConnectDeps, 'log'>,
  signal: AbortSignal,
): Promise<RedisConnection> {
  const givenUp = new AbortController();
  const connection = await beginRedis(
    config,
    {
      ...deps,
      onTrouble: ({ reason, needsPerson }) => {
        if (needsPerson) givenUp.abort(new Error(reason));
      },
    },
    signal,
  );
  const ended = new AbortController();
  const giveUp = (): void => givenUp.abort(new Error(connection.trouble()?.reason ?? silence));
  later(systemClock, connectTime, giveUp, ended.signal);
  try {
    await connection.untilUp(AbortSignal.any([signal, givenUp.signal]));
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  } finally {
    ended.abort();
  }
}

const silence = `nothing was heard of it within ${connectTime / 1000} s; the host is away, a firewall is between, or what listens there is no Redis (host, port, addrs)`;
