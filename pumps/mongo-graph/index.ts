import { definePump } from '#pump';
import { isGraph, openCollectionSink } from '../shared/mongo/raw-opening.ts';
import { collectionProblems, rawLimits } from '../shared/mongo/raw-options.ts';
import { shape } from './encode.ts';
import { options } from './options.ts';

export default definePump({
  type: 'mongo-graph',
  title: 'MongoDB Graph Pump',
  summary: 'Stores each call of GraphQL as a document in MongoDB.',
  options,
  storesEncoded: true,
  limits: rawLimits,
  repeats: 'harmless',
  guarantee: 'effectively-once',
  check: collectionProblems,
  open: openCollectionSink({
    type: 'mongo-graph',
    shape,
    isWanted: isGraph,
    // Tyk Pump leaves the payload of these as it is.
    losesPayload: false,
  }),
});
