import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { aMongoHarness } from '../shared/mongo/contract.testing.ts';
import graph from './index.ts';

sinkContract(vitest, 'mongo-graph', () =>
  aMongoHarness(
    graph,
    { collection_name: 'calls' },
    { fields: { graphql_stats: { IsGraphQL: true } } },
  ),
);
