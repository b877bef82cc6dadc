import type { BoundsConfig, Config } from '../../config/config.ts';
import type { EffectiveValue } from '../../config/effective.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Mask } from '../../lib/mask.ts';
import type { Metrics } from '../../lib/metrics.ts';
import type { RedisClient } from '../../redis/client.ts';
import type { Claiming } from '../../telemetry/readiness.ts';
import type { Reloader } from '../reload/reloader.ts';
import type { Self } from '../self.ts';
import type { TapDesk } from '../tap/tap-desk.ts';
import type { ThreadReport } from '../workers/worker-reports.ts';

export interface Taking {
  readonly mode: 'at-least-once' | 'at-most-once';
  readonly claiming: Claiming;
  /** Claiming pauses at the bound on retained bytes. */
  readonly isHolding: boolean;
  readonly bounds: BoundsConfig;
}

/** What the endpoints of the Admin API look at and act on. */
export interface ApiParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Takes configured secrets out of what an answer says. */
  readonly mask: Mask;
  /** Every option with its value in force, and who said it. */
  readonly effective: () => readonly EffectiveValue[];
  readonly self: () => Self;
  /** Its routes, in each thread that runs them; empty until the service is built. */
  readonly routes: () => Promise<readonly ThreadReport[]>;
  /** Who wants to see records. */
  readonly tap: TapDesk;
  /** Fails while Redis is away: `needsRedis` of an endpoint asks before. */
  readonly client: () => RedisClient;
  /** Why Redis cannot be asked; undefined: it can. */
  readonly redisTrouble: () => string | undefined;
  /** How records are taken now. */
  readonly taking: () => Taking;
  /** Aborts when the service ends: whatever goes on by itself ends then. */
  readonly ended: AbortSignal;
  /** Undefined: the configuration is not read again. */
  readonly reloader: Reloader | undefined;
}
