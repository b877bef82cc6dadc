import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { aMongoHarness } from '../shared/mongo/contract.testing.ts';
import selective from './index.ts';

sinkContract(vitest, 'mongo-pump-selective', () => aMongoHarness(selective));
