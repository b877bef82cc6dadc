import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { sqliteHarness } from '../shared/sql/sqlite.testing.ts';
import uptime from './index.ts';

const place = { table: "tyk_uptime_analytics WHERE dimension = 'url'", path: 'dimension_value' };

sinkContract(vitest, 'uptime-sql', async () => ({
  ...(await sqliteHarness(uptime, { ...place, meta: { uptime_type: 'sql' } })),
  // No hour to count it in.
  poison: { timestamp: { seconds: -62_135_596_800 } },
}));
