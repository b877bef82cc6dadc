import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aBatch, aContext, aPreparedPump } from '#pump/testing';
import csv from './index.ts';

const signal = AbortSignal.timeout(10_000);
let root: string;
let umask: number;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-csv-'));
  umask = process.umask(0);
});
afterEach(async () => {
  process.umask(umask);
  await rm(root, { recursive: true });
});

const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o777).toString(8);

describe('the permissions', () => {
  it.each([
    [{}, '640', '750'],
    [{ file_mode: '0600' }, '600', '700'],
    [{ file_mode: '644' }, '644', '755'],
    [{ file_mode: '0660' }, '660', '770'],
  ])('of what is made with %j are %s and %s', async (meta, ofFile, ofFolder) => {
    const csv_dir = join(root, 'made', 'here');
    const sink = await aPreparedPump(csv, { csv_dir, ...meta }).open(aContext(), signal);
    await sink.deliver(aBatch(1), signal);
    await sink.close(signal);

    const [name = ''] = await readdir(csv_dir);
    expect(await modeOf(join(csv_dir, name))).toBe(ofFile);
    expect(await modeOf(csv_dir)).toBe(ofFolder);
    expect(await modeOf(join(root, 'made'))).toBe(ofFolder);
  });

  it.each([640, '0888', '0400', '0777', '7640', 'rw-r-----'])('cannot be %j', (file_mode) => {
    const source = { source: 'f', key: 'k', env: {}, envPrefix: '' };
    const { problems } = csv.prepare({ ...source, raw: { file_mode } });

    expect(problems).toMatchObject([{ key: 'k.file_mode', severity: 'error' }]);
  });
});
