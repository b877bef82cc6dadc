import type { BoundsConfig } from '../config/config.ts';
import type { Log } from '../lib/log.ts';
import { bytes } from '../lib/units.ts';
import { untilItSucceeds } from '../purge/retrying.ts';
import type { PurgeParts } from '../purge/stream-purge.ts';
import { type Capabilities, probe } from '../redis/capabilities.ts';

/** Of `maxmemory`: what we may keep there unless the operator says more. */
const shareOfMemory = 0.1;

/** How records are taken, and the bounds that this Redis permits. */
export interface Way {
  readonly kind: 'streams' | 'popping' | 'feeding';
  readonly bounds: BoundsConfig;
}

type Surroundings = Pick<PurgeParts, 'client' | 'lists' | 'bounds' | 'clock' | 'log'>;

/**
 * Asks what Redis permits and picks the way of taking records: streams where possible, else popping. Waits out a
 * Redis that goes away meanwhile; rejects only with the signal's reason.
 */
export async function chooseWay(parts: Surroundings, stop: AbortSignal): Promise<Way> {
  const [list] = parts.lists;
  const can = await untilItSucceeds(() => probe(parts.client, list?.key ?? ''), parts, stop);
  const bounds = boundsFor(parts.bounds, can);
  warnOfEviction(can, parts.log);
  for (const lacking of can.lacking)
    parts.log.warn({ lacking }, 'Redis does not permit this user a command that may be needed.');
  if (can.isAtLeast62 && can.canScript && can.canStream) return { kind: 'streams', bounds };
  parts.log.warn(
    { refusal: can.refusal ?? 'Redis is older than 6.2', version: can.version },
    'Redis refuses what reliable delivery needs; records are popped instead, and a crash loses what is in memory (at-most-once).',
  );
  return { kind: 'popping', bounds };
}

/** The default gives way to a small Redis; what the operator says stands. */
export function boundsFor(bounds: BoundsConfig, { maxMemory = 0 }: Capabilities): BoundsConfig {
  if (bounds.isRetainedSet || maxMemory === 0) return bounds;
  const share = Math.floor(maxMemory * shareOfMemory);
  return share < bounds.retainedBytes ? { ...bounds, retainedBytes: bytes(share) } : bounds;
}

function warnOfEviction({ policy = '' }: Capabilities, log: Log): void {
  if (policy.startsWith('allkeys'))
    log.warn(
      { policy },
      'Redis may evict records that wait (maxmemory-policy); they would be counted as vanished.',
    );
}
