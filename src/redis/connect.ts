import { readFile as readFileFromDisk } from 'node:fs/promises';
import type { RedisConfig } from '../config/config.ts';
import { systemClock } from '../lib/clock.ts';
import { shownHostPort } from '../lib/host-port.ts';
import type { Log } from '../lib/log.ts';
import { OutageLog } from './connect-outage.ts';
import type { Trouble } from './connect-reasons.ts';
import { Troubles } from './connect-troubles.ts';
import { Connection, type RedisConnection } from './connection.ts';
import { listNames } from './keys.ts';
import { backoffWith, clientOptions } from './options.ts';
import { type ReadFile, tlsOptions } from './options-tls.ts';

export interface ConnectDeps {
  readonly log: Log;
  /** Hears of every failed attempt. */
  readonly onTrouble?: ((trouble: Trouble) => void) | undefined;
  readonly readFile?: ReadFile;
}

/** Resolves once Redis has answered, however long that takes; the signal ends the waiting (and nothing later). */
export async function connectRedis(
  config: RedisConfig,
  deps: ConnectDeps,
  signal: AbortSignal,
): Promise<RedisConnection> {
  const connection = await beginRedis(config, deps, signal);
  try {
    await connection.untilUp(signal);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

/** Begins to connect. Rejects where that makes no sense: the files for TLS are not what they should be. */
export async function beginRedis(
  config: RedisConfig,
  { log, onTrouble, readFile = readFileFromDisk }: ConnectDeps,
  signal: AbortSignal,
): Promise<RedisConnection> {
  signal.throwIfAborted();
  warnOfSettings(config, log);
  const tls = config.tls === undefined ? undefined : await tlsOptions(config.tls, readFile);
  signal.throwIfAborted();
  const backoff = backoffWith(() => systemClock.random());
  const options = clientOptions(config, { tls, backoff, isStale: staleness() });
  const outage = new OutageLog(log, {
    address: config.addresses.map(shownHostPort).join(','),
    mode: config.mode,
  });
  return new Connection(options, {
    lists: listNames(config.keyPrefix),
    backoff,
    log,
    outage,
    troubles: new Troubles({ config, outage, onTrouble }),
  });
}

function warnOfSettings(config: RedisConfig, log: Log): void {
  if (config.tls?.skipVerify === true) {
    log.warn({}, 'The certificate of Redis is not verified (ssl_insecure_skip_verify).');
  }
  if (config.mode === 'cluster' && config.database !== 0) {
    log.warn({ database: config.database }, 'A Redis Cluster has no databases; 0 is used.');
  }
}

/**
 * A server that has become a replica (failover behind one address, or Sentinel's) answers READONLY: look for the master
 * anew. In a script the word is inside the message. Not more than once in five seconds, for a replica may be all there is.
 */
function staleness(): (error: Error) => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return ({ message }) => {
    const now = systemClock.elapsed();
    if (!message.includes('READONLY') || now - last < 5_000) return false;
    last = now;
    return true;
  };
}
