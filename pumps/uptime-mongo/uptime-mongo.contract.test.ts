import * as vitest from 'vitest';
import { sinkContract } from '#pump/testing';
import { aMongoHarness } from '../shared/mongo/contract.testing.ts';
import uptime from './index.ts';

sinkContract(vitest, 'uptime-mongo', () => aMongoHarness(uptime));
