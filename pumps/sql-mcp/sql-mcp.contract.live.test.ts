import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { sqliteHarness } from '../shared/sql/sqlite.testing.ts';
import pump from './index.ts';

sinkContract(vitest, 'sql-mcp', () =>
  sqliteHarness(pump, {
    table: 'tyk_analytics_mcp',
    path: 'analytics_path',
    fields: { mcp_stats: { is_mcp: true } },
  }),
);
