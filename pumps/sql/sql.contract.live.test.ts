import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { sqliteHarness } from '../shared/sql/sqlite.testing.ts';
import sql from './index.ts';

sinkContract(vitest, 'sql', () => sqliteHarness(sql, { table: 'tyk_analytics', path: 'path' }));
