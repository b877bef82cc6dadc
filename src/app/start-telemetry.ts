import type { Config } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Mask } from '../lib/mask.ts';
import type { Metrics } from '../lib/metrics.ts';
import { type Millis, millis } from '../lib/units.ts';
import type { Ear, SaidLine } from '../telemetry/said-line.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** For what is left at the end, of the time that the stop may take. */
const longestClosing = 1500;

/** Keeps what is said before anybody can be told, where somebody wants to be. Called: gives it to them, and goes on there. */
export function listen(ear: Ear, config: Pick<Config, 'telemetry'> | undefined) {
  const early: SaidLine[] = [];
  if (config?.telemetry?.logs !== undefined) ear.hear = (line) => early.push(line);
  return (telemetry: Telemetry | undefined): void => {
    ear.hear = telemetry?.hear;
    for (const line of early) ear.hear?.(line);
  };
}

/** Read and started where the configuration names a receiver; everybody else pays nothing for it. */
export async function startTelemetry(parts: {
  readonly config: Pick<Config, 'telemetry' | 'delivery'>;
  readonly version: string;
  readonly instance: string;
  readonly host: string;
  readonly clock: Clock;
  /** What is said to it is not sent. */
  readonly log: Log;
  readonly mask: Mask;
  readonly metrics: Metrics;
}): Promise<Telemetry | undefined> {
  const { telemetry: config, delivery } = parts.config;
  if (config === undefined) return undefined;
  const { startOtlp } = await import('../telemetry/otlp/otlp.ts');
  const log = parts.log.child({ prefix: 'telemetry' });
  const closingTime: Millis = millis(Math.min(longestClosing, delivery.shutdownTimeout / 4));
  const telemetry = await startOtlp({ ...parts, config, log, closingTime });
  const signals = (['metrics', 'traces', 'logs'] as const).filter((signal) => config[signal]);
  const servers = signals.map((signal) => new URL(config[signal]?.url.reveal() ?? '').host);
  log.info(
    { signals: signals.join(','), server: [...new Set(servers)].join(',') },
    'The service sends telemetry of its own over OTLP.',
  );
  return telemetry;
}
