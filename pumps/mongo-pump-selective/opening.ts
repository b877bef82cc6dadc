import { bsonShapeOf, type PumpContext, type Sink } from '#pump';
import { openRawSink } from '../shared/mongo/raw-opening.ts';
import { type InsertOptions, mostDocumentEstimate } from '../shared/mongo/raw-options.ts';
import { indexesFor } from './indexes.ts';
import { placesByOrganisation } from './place.ts';

export const openSink = (
  options: InsertOptions,
  context: PumpContext,
  signal: AbortSignal,
): Promise<Sink> =>
  openRawSink(
    {
      type: 'mongo-pump-selective',
      shape: bsonShapeOf(context.document),
      placeOf: placesByOrganisation,
      indexes: indexesFor(options.mongo_db_type),
      cappedBytes: undefined,
      mostDocumentEstimate: mostDocumentEstimate(options),
    },
    options,
    context,
    signal,
  );
