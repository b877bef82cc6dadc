import { definePump } from '#pump';
import { wrongNamesIn } from '../shared/mongo/names.ts';
import { isGraph, openCollectionSink } from '../shared/mongo/raw-opening.ts';
import { collectionProblems, rawLimits } from '../shared/mongo/raw-options.ts';
import { computed, documentShape } from './encode.ts';
import { options } from './options.ts';

export default definePump({
  type: 'mongo-graph',
  title: 'MongoDB Graph Pump',
  summary: 'Stores each GraphQL call as a document in MongoDB.',
  options,
  storesEncoded: true,
  document: () => documentShape,
  checkDocument: wrongNamesIn,
  limits: rawLimits,
  repeats: 'harmless',
  guarantee: 'effectively-once',
  check: collectionProblems,
  open: openCollectionSink({
    type: 'mongo-graph',
    computed,
    isWanted: isGraph,
    // Tyk Pump leaves the payload of these as it is.
    losesPayload: false,
  }),
});
