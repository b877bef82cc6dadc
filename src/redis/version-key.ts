import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { RedisClient } from './client.ts';

export interface VersionKey {
  /** Effective prefix (tyk-pump.md, "Storage options"), `version-check-` by default. */
  readonly prefix: string;
  /** Of the package: `0.1.0`. */
  readonly version: string;
  readonly log: Log;
}

/** Says which pump runs here, as the reference does at its start: tools look it up. Never a reason not to start. */
export async function writeVersionKey(
  client: RedisClient,
  { prefix, version, log }: VersionKey,
): Promise<void> {
  const key = `${prefix}pump`;
  try {
    await client.set(key, `v${version}`);
  } catch (error) {
    log.warn({ key, reason: explain(error) }, 'The version could not be written to Redis.');
  }
}
