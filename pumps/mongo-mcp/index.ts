import { definePump } from '#pump';
import { wrongNamesIn } from '../shared/mongo/names.ts';
import { isMcp, openCollectionSink } from '../shared/mongo/raw-opening.ts';
import { collectionProblems, rawLimits } from '../shared/mongo/raw-options.ts';
import { documentShape } from './encode.ts';
import { options } from './options.ts';

export default definePump({
  type: 'mongo-mcp',
  title: 'MongoDB MCP Pump',
  summary: 'Stores each MCP call as a document in MongoDB.',
  options,
  storesEncoded: true,
  document: () => documentShape,
  checkDocument: wrongNamesIn,
  limits: rawLimits,
  repeats: 'harmless',
  guarantee: 'effectively-once',
  check: collectionProblems,
  open: openCollectionSink({
    type: 'mongo-mcp',
    isWanted: isMcp,
    losesPayload: true,
  }),
});
