import { type Clock, Delivery } from '#pump';
import { type Signal, someRefused } from '../sink.ts';
import type { LogsEncoder } from './encode.ts';

/** A log record for each record. */
export const logsSignal = (encode: LogsEncoder, clock: Pick<Clock, 'now'>): Signal => ({
  write: (batch, out) => ({
    body: encode(batch, clock.now(), out),
    settled: () => undefined,
  }),
  // Said of the request: the courier halves it until those that were refused are alone. Those that were taken come again.
  refused: (batch, count) => Delivery.whole(batch, someRefused(count, 'log records')),
});
