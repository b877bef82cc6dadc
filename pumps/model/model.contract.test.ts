import { join } from 'node:path';
import * as vitest from 'vitest';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import { breakableFolder } from '../shared/files/breakable-folder.testing.ts';
import model from './index.ts';

sinkContract(vitest, 'model', aFolderHarness);

async function aFolderHarness(): Promise<SinkHarness> {
  const { folder, ...outages } = await breakableFolder();
  return {
    pump: aPreparedPump(model, { path: join(folder, 'model.json') }),
    cannotKnow: ['receipt'],
    received: () => Promise.resolve([]),
    ...outages,
  };
}
