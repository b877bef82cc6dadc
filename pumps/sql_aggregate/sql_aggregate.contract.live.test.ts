import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { aggregateHarness } from '../shared/sql/aggregate/aggregate.testing.ts';
import pump from './index.ts';

sinkContract(vitest, 'sql_aggregate', () => aggregateHarness(pump, 'tyk_aggregated', {}));
