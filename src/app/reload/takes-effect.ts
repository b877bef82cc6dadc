import type { Config } from '../../config/config.ts';
import type { EffectiveValue } from '../../config/effective.ts';
import { digestOf } from '../../lib/digest.ts';

/**
 * When an option of the service takes effect that a reload finds changed. `now`: with the reload. `routes`: with the reload, and
 * every route is handed over to one that is made with it. `start`: at the next start; until then what was said before is in force.
 */
export type TakesEffect = 'now' | 'routes' | 'start';

interface Setting {
  readonly options: readonly string[];
  readonly takesEffect: TakesEffect;
  readonly of: (config: Config) => unknown;
}

const setting = (
  takesEffect: TakesEffect,
  of: Setting['of'],
  ...options: readonly string[]
): Setting => ({ options, takesEffect, of });

/** Every option of the service, and `takes-effect.test.ts` sees to that. Of `pumps` and `records` the routes know. */
export const settings: readonly Setting[] = [
  setting('now', ({ purge }) => purge.delay, 'purge_delay', 'sluice.purge_delay_ms'),
  setting('now', ({ purge }) => purge.flowingDelay, 'sluice.flowing_delay'),
  setting('now', ({ purge }) => purge.chunk, 'purge_chunk'),
  setting('now', ({ log }) => log.level, 'log_level'),
  setting('start', ({ log }) => log.format, 'log_format'),
  setting('start', ({ redis }) => redis, 'analytics_storage_type', 'analytics_storage_config'),
  setting('start', ({ statsd }) => statsd, 'statsd_connection_string', 'statsd_prefix'),
  setting('start', ({ health }) => health.name, 'health_check_endpoint_name'),
  setting('start', ({ health }) => health.port, 'health_check_endpoint_port'),
  setting('start', ({ health }) => health.address, 'sluice.health_address'),
  // But for whether it is HTTP or HTTPS: `waitingOptions`.
  setting('now', ({ admin }) => admin, 'sluice.admin'),
  setting('start', ({ telemetry }) => telemetry, 'sluice.telemetry'),
  setting('now', ({ watch }) => watch, 'sluice.watch_config'),
  setting('start', ({ workers }) => workers, 'sluice.workers'),
  setting('now', ({ bounds }) => bounds.retainedBytes, 'sluice.retained_bytes'),
  setting('now', ({ bounds }) => bounds.retain, 'sluice.retain'),
  setting('now', ({ bounds }) => bounds.policy, 'sluice.at_bound'),
  setting('start', ({ bounds }) => bounds.spillDir, 'sluice.spill_dir'),
  setting('start', ({ bounds }) => bounds.spillBytes, 'sluice.spill_bytes'),
  setting('start', ({ bounds }) => bounds.spillFileMode, 'sluice.spill_file_mode'),
  setting('start', ({ bounds }) => bounds.cacheBytes, 'sluice.cache_bytes'),
  setting('routes', ({ bounds }) => bounds.inFlightBytes, 'sluice.in_flight_bytes'),
  setting('routes', ({ bounds }) => bounds.deadLetterBytes, 'sluice.dead_letter_bytes'),
  setting('start', ({ delivery }) => delivery.lease, 'sluice.lease'),
  setting('now', ({ delivery }) => delivery.orphanAfter, 'sluice.orphan_after'),
  setting('now', ({ delivery }) => delivery.shutdownTimeout, 'sluice.shutdown_timeout'),
  setting('routes', ({ delivery }) => delivery.attemptTimeout, 'sluice.attempt_timeout'),
  setting('routes', ({ delivery }) => delivery.backoffBase, 'sluice.backoff_base'),
  setting('routes', ({ delivery }) => delivery.backoffMax, 'sluice.backoff_max'),
  setting('routes', ({ delivery }) => delivery.longestPause, 'sluice.retry_after_max'),
  setting('routes', ({ delivery }) => delivery.giveUpAttempts, 'sluice.give_up_attempts'),
  setting('routes', ({ delivery }) => delivery.giveUpAge, 'sluice.give_up_age'),
  setting('routes', ({ delivery }) => delivery.atRefusal, 'sluice.at_refusal'),
  setting('routes', ({ delivery }) => delivery.retryShare, 'sluice.retry_percent'),
];

/**
 * The configuration that is in force after a reload: what was read, with what takes effect at the next start as it was at this
 * one.
 */
export function inForce(atStart: Config, read: Config): Config {
  const { redis, statsd, health, telemetry, workers } = atStart;
  const { spillDir, spillBytes, spillFileMode, cacheBytes } = atStart.bounds;
  return {
    ...read,
    ...{ redis, statsd, health, telemetry, workers },
    admin: speaksOtherwise(atStart, read) ? { ...read.admin, tls: atStart.admin.tls } : read.admin,
    log: { ...read.log, format: atStart.log.format },
    bounds: { ...read.bounds, spillDir, spillBytes, spillFileMode, cacheBytes },
    delivery: { ...read.delivery, lease: atStart.delivery.lease },
  };
}

/** A port goes on speaking HTTP, or HTTPS: whoever asks there would have to know. */
const speaksOtherwise = (atStart: Config, read: Config): boolean =>
  (atStart.admin.tls === undefined) !== (read.admin.tls === undefined);

/** Options that were changed since the start and take effect at the next one. */
export function waitingOptions(atStart: Config, read: Config): readonly string[] {
  const waiting = changedSettings(atStart, read).filter(
    ({ takesEffect }) => takesEffect === 'start',
  );
  const options = waiting.flatMap((each) => each.options);
  return speaksOtherwise(atStart, read)
    ? [...options, 'sluice.admin.tls_cert_file', 'sluice.admin.tls_key_file']
    : options;
}

/** The same of every option with who said it. `waiting`: those that are as they were at the start. */
export function valuesInForce(
  atStart: readonly EffectiveValue[],
  read: readonly EffectiveValue[],
  waiting: readonly string[],
): readonly EffectiveValue[] {
  const isKept = ({ key }: EffectiveValue): boolean =>
    waiting.some((option) => key === option || key.startsWith(`${option}.`));
  const kept = new Map(atStart.filter(isKept).map((value) => [value.key, value] as const));
  return read.flatMap((value) => (isKept(value) ? (kept.get(value.key) ?? []) : value));
}

/** What the operator said otherwise, by the options that may have said it. */
export function changedSettings(
  before: Config,
  after: Config,
): readonly Pick<Setting, 'options' | 'takesEffect'>[] {
  return settings.filter(({ of }) => digestOf(of(before)) !== digestOf(of(after)));
}
