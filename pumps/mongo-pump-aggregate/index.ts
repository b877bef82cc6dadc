import { definePump } from '#pump';
import { openAggregateSink } from '../shared/mongo/aggregate/opening.ts';
import { aggregateLimits, aggregateProblems } from '../shared/mongo/aggregate/options.ts';
import { restPlan } from '../shared/mongo/aggregate/vocabulary.ts';
import { options } from './options.ts';

export default definePump({
  type: 'mongo-pump-aggregate',
  title: 'MongoDB Aggregate Pump',
  summary: 'Counts records in MongoDB, with a document for each organisation and hour.',
  options,
  envPrefix: 'TYK_PMP_PUMPS_MONGOAGGREGATE_META',
  legacyEnvPrefix: 'PMP_MONGOAGG',
  storesEncoded: true,
  limits: aggregateLimits,
  // Two threads would change the same documents, and one of them in vain.
  workers: 'one',
  repeats: 'harmless',
  guarantee: 'effectively-once',
  check: aggregateProblems,
  open: openAggregateSink(restPlan),
});
