import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { sqliteHarness } from '../shared/sql/sqlite.testing.ts';
import pump from './index.ts';

sinkContract(vitest, 'sql-graph', () =>
  sqliteHarness(pump, {
    table: 'tyk_analytics_graph',
    path: 'analytics_path',
    fields: { graphql_stats: { IsGraphQL: true } },
  }),
);
