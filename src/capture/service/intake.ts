import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { CounterSeries } from '../../lib/metrics.ts';
import type { Exchange } from '../exchange.ts';
import { type MappingRules, recordFieldsOf } from '../mapping/record-fields.ts';
import type { CaptureMetrics } from '../metrics.ts';
import type { Shape } from '../shaping/shaper.ts';

export interface IntakeParts {
  /** As the configuration says at the moment. */
  readonly live: { readonly mapping: MappingRules; readonly shape: Shape };
  readonly put: (record: Buffer) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: CaptureMetrics;
}

/** Between two lines about exchanges of which no record could be made. */
const sayEvery = 60_000;

/**
 * The way of an exchange into the queue: a record, filtered, sampled, redacted. Never throws and never waits: whoever calls
 * it stands between a client and its server.
 */
export function createIntake(parts: IntakeParts): (exchange: Exchange, source: string) => void {
  const { live, put, clock, log, metrics } = parts;
  const counted = new Map<string, CounterSeries>();
  const seriesOf = (source: string): CounterSeries => {
    const known = counted.get(source) ?? metrics.exchanges.of({ source });
    counted.set(source, known);
    return known;
  };
  let saidAt = Number.NEGATIVE_INFINITY;
  return (exchange, source) => {
    seriesOf(source).add(1);
    try {
      const record = live.shape(recordFieldsOf(exchange, live.mapping));
      if (record !== undefined) put(record);
    } catch (error) {
      metrics.dropped.add(1, { reason: 'failure' });
      if (clock.elapsed() - saidAt < sayEvery) return;
      saidAt = clock.elapsed();
      log.error({ source, reason: explain(error) }, 'No record could be made of a call: a bug.');
    }
  };
}
