import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { aMongoHarness } from '../shared/mongo/contract.testing.ts';
import mongo from './index.ts';

sinkContract(vitest, 'mongo', () => aMongoHarness(mongo, { collection_name: 'calls' }));
