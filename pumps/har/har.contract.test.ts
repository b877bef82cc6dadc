import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vitest from 'vitest';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import har from './index.ts';

sinkContract(vitest, 'har', aFolderHarness);

/** The folder goes away and a file stands in its place: even root cannot write there. */
async function aFolderHarness(): Promise<SinkHarness> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-har-'));
  const folder = join(root, 'made', 'by the pump');
  const elsewhere = join(root, 'elsewhere');
  let isBroken = false;
  return {
    pump: aPreparedPump(har, { folder }),
    // An address has the path as it was sent, where there is one.
    fields: { raw_path: '' },
    received: async () => (await textOf(folder)).split('\n'),
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

async function textOf(folder: string): Promise<string> {
  const files = await readdir(folder).catch(() => []);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.join('');
}
