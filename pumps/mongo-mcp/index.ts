import { definePump } from '#pump';
import { isMcp, openCollectionSink } from '../shared/mongo/raw-opening.ts';
import { collectionProblems, rawLimits } from '../shared/mongo/raw-options.ts';
import { shape } from './encode.ts';
import { options } from './options.ts';

export default definePump({
  type: 'mongo-mcp',
  title: 'MongoDB MCP Pump',
  summary: 'Stores each call of MCP as a document in MongoDB.',
  options,
  storesEncoded: true,
  limits: rawLimits,
  repeats: 'harmless',
  guarantee: 'effectively-once',
  check: collectionProblems,
  open: openCollectionSink({
    type: 'mongo-mcp',
    shape,
    isWanted: isMcp,
    losesPayload: true,
  }),
});
