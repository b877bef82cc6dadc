import { type Clock, Delivery, type Log } from '#pump';
import type { Envelope } from '../envelope.ts';
import { type Signal, someRefused } from '../sink.ts';
import type { Counting } from './counting.ts';
import { metricsEncoder, type Temporality } from './encode.ts';

export interface MetricsParts {
  readonly counting: Counting;
  readonly envelope: Envelope;
  readonly temporality: Temporality;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/**
 * What a batch adds to the counts, sent and answered for before any of it counts as delivered. So nothing waits in memory that
 * a crash could take: records whose request was not answered are counted again, at worst twice.
 *
 * One request at a time. Each counts from where the last one that was taken ended, so that the points of a series follow on one
 * another. `delta`: nothing else is to be known. `cumulative`: a request that was not taken for certain may have been stored, and
 * the next one may lack its records: to whoever reads, the count would step back. So then all series begin anew, as after a
 * restart: with another start, and from 0.
 */
export function metricsSignal({
  counting,
  envelope,
  temporality,
  clock,
  log,
}: MetricsParts): Signal {
  const encode = metricsEncoder(counting, envelope, temporality);
  let start = nanosOf(clock.now());
  let isFull = false;
  return {
    write(batch, out) {
      const additions = counting.count(batch);
      if (counting.index.isFull && !isFull) {
        isFull = true;
        log.warn(
          {},
          'There are as many series as max_series allows; what would need a further one is counted as overflow.',
        );
      }
      const now = nanosOf(clock.now());
      // Clocks step back, and points must have a duration.
      const end = now > start ? now : start + 1n;
      return {
        body: encode(additions, { start, end }, out),
        settled(isTaken) {
          if (isTaken) {
            counting.keep(additions);
            if (temporality === 'delta') start = end;
          } else if (temporality === 'cumulative') {
            counting.index.forgetTotals();
            start = end;
          }
        },
      };
    },
    // Of the counts of all these records some are there and some are not: a repeat would count twice what is there.
    refused: (batch, count) => Delivery.each(batch, () => someRefused(count, 'data points')),
  };
}

const nanosOf = (now: number): bigint => BigInt(Math.trunc(now)) * 1_000_000n;
