import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vitest from 'vitest';
import { describe } from 'vitest';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import { breakableFolder } from '../shared/files/breakable-folder.testing.ts';
import csv from './index.ts';

describe.each(['batch', 'never'] as const)('with fsync: %s', (fsync) => {
  sinkContract(vitest, 'csv', () => aFolderHarness(fsync));
});

async function aFolderHarness(fsync: 'batch' | 'never'): Promise<SinkHarness> {
  const { folder, ...outages } = await breakableFolder();
  return {
    pump: aPreparedPump(csv, { csv_dir: folder, fsync }),
    received: async () => (await textOf(folder)).split('\n'),
    ...outages,
  };
}

/** A test that runs over the hour writes two files. */
async function textOf(folder: string): Promise<string> {
  const files = await readdir(folder);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.join('');
}
