import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as vitest from 'vitest';
import { describe } from 'vitest';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import { breakableFolder } from '../shared/files/breakable-folder.testing.ts';
import file from './index.ts';

describe.each([
  ['one file', {}],
  ['without waiting for the disk', { fsync: 'none', lock: false }],
  ['many files', { rotate_bytes: '64KiB' }],
  ['many compressed files', { rotate_bytes: '64KiB', gzip: true }],
])('writing to %s', (_, meta) => {
  sinkContract(vitest, 'file', () => aFolderHarness(meta));
});

async function aFolderHarness(meta: object): Promise<SinkHarness> {
  const { folder, ...outages } = await breakableFolder();
  return {
    pump: aPreparedPump(file, { path: join(folder, 'records.ndjson'), ...meta }),
    received: async () => (await textOf(folder)).split('\n'),
    ...outages,
  };
}

/** A file that is being compressed has two names for a moment, and one that was has another. */
async function textOf(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((name) => /\.ndjson(?:\.gz)?$/.test(name));
  const texts = new Map<string, string>();
  for (const name of files.sort()) {
    const bytes = await readFile(join(folder, name)).catch(() => undefined);
    if (bytes === undefined) return textOf(folder);
    texts.set(name.replace(/\.gz$/, ''), String(name.endsWith('.gz') ? gunzipSync(bytes) : bytes));
  }
  return [...texts.values()].join('');
}
