import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { aggregateHarness } from '../shared/sql/aggregate/aggregate.testing.ts';
import pump from './index.ts';

sinkContract(vitest, 'sql-graph-aggregate', () =>
  aggregateHarness(pump, 'tyk_graph_aggregated', { graphql_stats: { IsGraphQL: true } }),
);
