import { definePump, storedDocument } from '#pump';
import { wrongNamesIn } from '../shared/mongo/names.ts';
import { insertProblems, rawLimits } from '../shared/mongo/raw-options.ts';
import { openSink } from './opening.ts';
import { options } from './options.ts';

export default definePump({
  type: 'mongo-pump-selective',
  title: 'MongoDB Selective Pump',
  summary: 'Stores each record as a document in MongoDB, in its organisation’s collection.',
  options,
  envPrefix: 'TYK_PMP_PUMPS_MONGOSELECTIVE_META',
  legacyEnvPrefix: 'PMP_MONGOSEL',
  storesEncoded: true,
  document: () => storedDocument,
  checkDocument: wrongNamesIn,
  limits: rawLimits,
  repeats: 'harmless',
  guarantee: 'effectively-once',
  check: insertProblems,
  open: openSink,
});
