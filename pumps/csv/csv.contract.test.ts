import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vitest from 'vitest';
import { describe } from 'vitest';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import csv from './index.ts';

describe.each(['batch', 'never'] as const)('with fsync: %s', (fsync) => {
  sinkContract(vitest, 'csv', () => aFolderHarness(fsync));
});

/** The folder goes away and a file stands in its place: even root cannot write there. */
async function aFolderHarness(fsync: 'batch' | 'never'): Promise<SinkHarness> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-csv-'));
  const folder = join(root, 'made', 'by the pump');
  const elsewhere = join(root, 'elsewhere');
  let isBroken = false;
  return {
    pump: aPreparedPump(csv, { csv_dir: folder, fsync }),
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

/** A test that runs over the hour writes two files. */
async function textOf(folder: string): Promise<string> {
  const files = await readdir(folder);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.join('');
}
