import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vitest from 'vitest';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import model from './index.ts';

sinkContract(vitest, 'model', aFolderHarness);

/** The folder goes away and a file stands in its place: even root cannot write there. */
async function aFolderHarness(): Promise<SinkHarness> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-model-'));
  const folder = join(root, 'made', 'by the pump');
  const elsewhere = join(root, 'elsewhere');
  let isBroken = false;
  return {
    pump: aPreparedPump(model, { path: join(folder, 'model.json') }),
    cannotKnow: ['receipt'],
    received: () => Promise.resolve([]),
    async break() {
      await mkdir(folder, { recursive: true });
      await rename(folder, elsewhere);
      await writeFile(folder, '');
      isBroken = true;
    },
    async restore() {
      if (!isBroken) return;
      await rm(folder);
      await rename(elsewhere, folder);
      isBroken = false;
    },
    stop: () => rm(root, { recursive: true }),
  };
}
