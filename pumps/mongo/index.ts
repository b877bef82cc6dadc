import { definePump, storedDocument } from '#pump';
import { wrongNamesIn } from '../shared/mongo/names.ts';
import { isMcp, openCollectionSink } from '../shared/mongo/raw-opening.ts';
import { collectionProblems, rawLimits } from '../shared/mongo/raw-options.ts';
import { options } from './options.ts';

export default definePump({
  type: 'mongo',
  title: 'MongoDB Pump',
  summary: 'Stores each record as a document in MongoDB.',
  options,
  legacyEnvPrefix: 'PMP_MONGO',
  storesEncoded: true,
  document: () => storedDocument,
  checkDocument: wrongNamesIn,
  limits: rawLimits,
  repeats: 'harmless',
  guarantee: 'effectively-once',
  check: collectionProblems,
  open: openCollectionSink({
    type: 'mongo',
    isWanted: (record) => !isMcp(record),
    losesPayload: true,
  }),
});
