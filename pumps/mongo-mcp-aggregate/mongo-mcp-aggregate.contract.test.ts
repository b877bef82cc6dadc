import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { anAggregateHarness } from '../shared/mongo/aggregate/contract.testing.ts';
import aggregate from './index.ts';

sinkContract(vitest, 'mongo-mcp-aggregate', () =>
  anAggregateHarness(aggregate, {}, { fields: { mcp_stats: { is_mcp: true }, track_path: true } }),
);
