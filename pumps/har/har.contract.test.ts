import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vitest from 'vitest';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import { breakableFolder } from '../shared/files/breakable-folder.testing.ts';
import har from './index.ts';

sinkContract(vitest, 'har', aFolderHarness);

async function aFolderHarness(): Promise<SinkHarness> {
  const { folder, ...outages } = await breakableFolder();
  return {
    pump: aPreparedPump(har, { folder }),
    // An address has the path as it was sent, where there is one.
    fields: { raw_path: '' },
    received: async () => (await textOf(folder)).split('\n'),
    ...outages,
  };
}

async function textOf(folder: string): Promise<string> {
  const files = await readdir(folder).catch(() => []);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.join('');
}
