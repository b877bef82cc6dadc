import * as vitest from 'vitest';
import { describe } from 'vitest';
import { sinkContract } from '#pump/testing';
import { anAggregateHarness } from '../shared/mongo/aggregate/contract.testing.ts';
import aggregate from './index.ts';

describe.each([
  ['of an organisation', {}],
  ['of all as well', { use_mixed_collection: true }],
])('counting in the collection %s', (_, meta) => {
  sinkContract(vitest, 'mongo-pump-aggregate', () =>
    anAggregateHarness(aggregate, { track_all_paths: true, ...meta }),
  );
});
