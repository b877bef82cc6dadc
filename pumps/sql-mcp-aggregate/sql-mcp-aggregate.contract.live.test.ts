import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { aggregateHarness } from '../shared/sql/aggregate/aggregate.testing.ts';
import pump from './index.ts';

sinkContract(vitest, 'sql-mcp-aggregate', () =>
  aggregateHarness(pump, 'tyk_mcp_aggregated', { mcp_stats: { is_mcp: true } }),
);
