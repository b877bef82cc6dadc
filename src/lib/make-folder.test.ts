import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

const disk = { mkdir, stat };
let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'sluice-folders-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('making a folder', () => {
  it('makes those above it too, and gives the topmost', async () => {
    const folder = path.join(root, 'a', 'b', 'c');
    expect(await makeFolder(disk, folder)).toBe(path.join(root, 'a'));
    expect((await stat(folder)).isDirectory()).toBe(true);
    expect(await makeFolder(disk, path.join(root, 'a', 'd'))).toBe(path.join(root, 'a', 'd'));
  });

  it('leaves what is there, the root too', async () => {
    expect(await makeFolder(disk, root)).toBeUndefined();
    expect(await makeFolder(disk, '/')).toBeUndefined();
    expect(await makeFolder(disk, '.')).toBeUndefined();
  });

  it('does not disturb somebody who makes the same', async () => {
    const folder = path.join(root, 'a', 'b');
    await Promise.all([makeFolder(disk, folder), makeFolder(disk, folder)]);
    expect((await stat(folder)).isDirectory()).toBe(true);
  });

  it('fails where a file is in the way', async () => {
    await writeFile(path.join(root, 'file'), '');
    await expect(makeFolder(disk, path.join(root, 'file'))).rejects.toThrow('EEXIST');
    await expect(makeFolder(disk, path.join(root, 'file', 'a'))).rejects.toThrow('ENOTDIR');
  });

  it('fails where the system says that what is there is missing', async () => {
    let asked = 0;
    const strange = {
      mkdir: (folder: string): Promise<void> => {
        if (++asked > 100) throw new Error('it does not end');
        const code = folder === '/proc' ? 'EEXIST' : 'ENOENT';
        return Promise.reject(Object.assign(new Error(`${code}: ${folder}`), { code }));
      },
      stat: () => Promise.resolve({ isDirectory: () => true }),
    };
    await expect(makeFolder(strange, '/proc/x')).rejects.toThrow('ENOENT: /proc/x');
    await expect(makeFolder(strange, '/proc/x/y')).rejects.toThrow('ENOENT: /proc/x');
  });
});
