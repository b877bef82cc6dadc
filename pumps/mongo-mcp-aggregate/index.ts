import { definePump } from '#pump';
import { openAggregateSink } from '../shared/mongo/aggregate/opening.ts';
import { aggregateLimits, aggregateProblems } from '../shared/mongo/aggregate/options.ts';
import { mcpPlan } from '../shared/mongo/aggregate/vocabulary.ts';
import { options } from './options.ts';

export default definePump({
  type: 'mongo-mcp-aggregate',
  title: 'MongoDB MCP Aggregate Pump',
  summary: 'Counts MCP calls in MongoDB, with a document for each API and hour.',
  options,
  storesEncoded: true,
  limits: aggregateLimits,
  // Two threads would change the same documents, and one of them in vain.
  workers: 'one',
  repeats: 'harmless',
  guarantee: 'effectively-once',
  check: aggregateProblems,
  open: openAggregateSink(mcpPlan),
});
