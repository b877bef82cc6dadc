import * as vitest from 'vitest';
import { aPreparedPump, sinkContract } from '#pump/testing';
import dummy from './index.ts';

const nothing = (): Promise<void> => Promise.resolve();

sinkContract(vitest, 'dummy', () =>
  Promise.resolve({
    pump: aPreparedPump(dummy),
    cannotKnow: ['receipt', 'outage'],
    received: () => Promise.resolve([]),
    break: nothing,
    restore: nothing,
    stop: nothing,
  }),
);
