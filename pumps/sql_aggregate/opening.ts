import type { PumpContext, Sink } from '#pump';
import { openAggregateSink } from '../shared/sql/aggregate/aggregate-sink.ts';
import type { Options } from './options.ts';

export const openSink = (
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<Sink> =>
  openAggregateSink({ options, variant: 'rest', name: 'tyk_aggregated' }, context, signal);
