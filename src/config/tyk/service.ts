import { type Millis, mebibytes, millis, seconds } from '../../lib/units.ts';
import type { BoundsConfig, Config, DeliveryConfig, HealthConfig, PurgeConfig } from '../config.ts';
import type { Environment } from '../options/environment.ts';
import type { OwnOptions } from '../own-options.ts';
import type { GlobalOptions } from '../service-options.ts';
import { adminOf } from './admin.ts';
import { type Findings, type Place, place } from './findings.ts';
import { logOf } from './log.ts';
import { redisOf } from './redis.ts';
import { statsdOf } from './statsd.ts';
import { telemetryOf } from './telemetry.ts';

export interface ServiceInput {
  readonly globals: GlobalOptions;
  readonly own: OwnOptions;
  readonly env: Environment;
  readonly at: Place;
  /** Where the options of ours were said. */
  readonly ownAt: Place;
}

/** Translates everything but the pumps. */
export function serviceOf(input: ServiceInput, findings: Findings): Omit<Config, 'pumps'> {
  const { globals, own, env, at } = input;
  return {
    purge: purgeOf(input, findings),
    redis: redisOf(globals.analytics_storage_config, at, findings),
    log: logOf(globals, env, at, findings),
    health: healthOf(input, findings),
    admin: adminOf(own, input.ownAt, findings),
    bounds: boundsOf(own),
    delivery: deliveryOf(input, findings),
    watch: own.watch_config,
    workers: own.workers,
    statsd: statsdOf(globals, env, at, findings),
    telemetry: telemetryOf(own, env, input.ownAt, findings),
  };
}

function purgeOf({ globals, own, at }: ServiceInput, findings: Findings): PurgeConfig {
  const { purge_delay: delay, purge_chunk: chunk } = globals;
  const isUnsaid = delay === 0 && own.purge_delay_ms === undefined;
  if (isUnsaid)
    findings.problems.push({
      ...place(at, 'purge_delay'),
      found: at.saidBy.has('purge_delay') ? 'zero' : 'nothing',
      expected:
        'a number of seconds; 10 is used, and less while records come (Tyk Pump would never purge)',
      severity: 'warning',
    });
  const flowingDelay = own.flowing_delay ?? (isUnsaid ? unsaidFlowingDelay : undefined);
  return {
    delay: delayOf(own.purge_delay_ms, delay),
    ...(flowingDelay === undefined ? {} : { flowingDelay }),
    chunk,
  };
}

/** Who says nothing wants records soon; a delay that was said is Tyk Pump's to the letter. */
const unsaidFlowingDelay = millis(250);

const delayOf = (ours: number | undefined, tyks: number): Millis =>
  ours === undefined ? seconds(tyks === 0 ? 10 : tyks) : millis(ours);

function healthOf({ globals, own, at }: ServiceInput, findings: Findings): HealthConfig {
  const { health_check_endpoint_name: said, health_check_endpoint_port: port } = globals;
  const name = said.replace(/^\/+/, '') || 'health';
  if (name === 'ready' || name === 'metrics')
    findings.problems.push({
      ...place(at, 'health_check_endpoint_name'),
      found: `"${name}"`,
      expected: `another name: the page /${name} of this service is not served then`,
      severity: 'warning',
    });
  return {
    name,
    port: port === 0 ? 8083 : port,
    address: own.health_address,
  };
}

function boundsOf(own: OwnOptions): BoundsConfig {
  return {
    retainedBytes: own.retained_bytes ?? mebibytes(256),
    isRetainedSet: own.retained_bytes !== undefined,
    ...(own.retain === undefined ? {} : { retain: own.retain }),
    policy: own.at_bound,
    spillDir: own.spill_dir,
    spillBytes: own.spill_bytes,
    spillFileMode: own.spill_file_mode,
    cacheBytes: own.cache_bytes,
    inFlightBytes: own.in_flight_bytes,
    deadLetterBytes: own.dead_letter_bytes,
  };
}

function deliveryOf({ own, ownAt }: ServiceInput, findings: Findings): DeliveryConfig {
  if (ownAt.saidBy.has('backoff_max') && own.backoff_max < own.backoff_base)
    findings.problems.push({
      ...place(ownAt, 'backoff_max'),
      found: 'text',
      expected: 'a duration not below `backoff_base`',
      severity: 'error',
    });
  return {
    lease: own.lease,
    orphanAfter: own.orphan_after,
    shutdownTimeout: own.shutdown_timeout,
    attemptTimeout: own.attempt_timeout,
    backoffBase: own.backoff_base,
    backoffMax: millis(Math.max(own.backoff_base, own.backoff_max)),
    longestPause: own.retry_after_max,
    giveUpAttempts: own.give_up_attempts,
    giveUpAge: own.give_up_age,
    atRefusal: own.at_refusal,
    retryShare: own.retry_percent / 100,
  };
}
