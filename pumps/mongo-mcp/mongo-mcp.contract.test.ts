import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { aMongoHarness } from '../shared/mongo/contract.testing.ts';
import mcp from './index.ts';

sinkContract(vitest, 'mongo-mcp', () =>
  aMongoHarness(mcp, { collection_name: 'calls' }, { fields: { mcp_stats: { is_mcp: true } } }),
);
