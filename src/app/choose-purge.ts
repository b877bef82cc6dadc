import type { BoundsConfig } from '../config/config.ts';
import type { Log } from '../lib/log.ts';
import { bytes, millis } from '../lib/units.ts';
import type { PurgeParts } from '../purge/stream-purge.ts';
import { type Capabilities, permittedWay, probe } from '../redis/capabilities.ts';
import { untilItSucceeds } from '../redis/retrying.ts';

/** Of `maxmemory`: what we may keep there unless the operator says more. */
const shareOfMemory = 0.1;

/** How records are taken, and the bounds that this Redis permits. */
export interface Way {
  readonly kind: 'streams' | 'popping' | 'feeding';
  readonly bounds: BoundsConfig;
  /** The same for what an operator says later. */
  readonly fit: (bounds: BoundsConfig) => BoundsConfig;
}

interface Surroundings extends Pick<PurgeParts, 'client' | 'lists' | 'bounds' | 'clock' | 'log'> {
  /** Hears why nothing can be taken; undefined: now it can. */
  readonly onObstacle: (reason: string | undefined) => void;
}

/** An administrator may permit it meanwhile. */
const askAgainAfter = millis(10_000);

/**
 * Asks what Redis permits and picks the way of taking records: streams where possible, else popping. Waits where
 * neither is permitted, and waits out a Redis that goes away meanwhile; rejects only with the signal's reason.
 */
export async function chooseWay(parts: Surroundings, stop: AbortSignal): Promise<Way> {
  const { bounds, client, clock, lists, log, onObstacle } = parts;
  const [list] = lists;
  let said: string | undefined;
  for (;;) {
    const can = await untilItSucceeds(() => probe(client, list?.key ?? ''), parts, stop);
    const permitted = permittedWay(can);
    if (permitted.kind !== 'none') {
      onObstacle(undefined);
      warnOfEviction(can, log);
      for (const lacking of can.lacking)
        log.warn({ lacking }, 'Redis does not permit this user a command that may be needed.');
      if (permitted.kind === 'popping')
        log.warn(
          { refusal: permitted.refusal, version: can.version },
          'Redis refuses what reliable delivery needs; records are popped instead, and a crash loses what is in memory (at-most-once).',
        );
      const fit = (said: BoundsConfig): BoundsConfig => boundsFor(said, can);
      return { kind: permitted.kind, bounds: fit(bounds), fit };
    }
    const { refusal } = permitted;
    if (refusal !== said)
      log.error(
        { refusal },
        'Redis permits no way of taking records: nothing is claimed until it does.',
      );
    said = refusal;
    onObstacle(`Redis permits no way of taking records: ${refusal}`);
    await clock.sleep(askAgainAfter, stop);
  }
}

/** The default gives way to a small Redis; what the operator says stands. */
function boundsFor(bounds: BoundsConfig, { maxMemory = 0 }: Capabilities): BoundsConfig {
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
