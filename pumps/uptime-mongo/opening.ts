import type { PumpContext, Sink } from '#pump';
import { openRawSink, recordIndexes } from '../shared/mongo/raw-opening.ts';
import { cappedBytes } from '../shared/mongo/raw-options.ts';
import type { Place } from '../shared/mongo/raw-sink.ts';
import { shape } from './encode.ts';
import type { Options } from './options.ts';

const collection: Place = { kind: 'collection', name: 'tyk_uptime_analytics' };

/** Also of an address that never answered there is a document. */
export const openSink = (
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<Sink> => {
  const plan = {
    type: 'uptime-mongo',
    shape,
    placeOf: () => () => collection,
    indexes: recordIndexes,
    cappedBytes: cappedBytes(options),
    mostDocumentEstimate: undefined,
  };
  return openRawSink(plan, options, context, signal);
};
