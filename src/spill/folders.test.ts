import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Disk, systemDisk } from './disk.ts';
import { adoptGone, createOwn, type Folders, leaveOwn } from './folders.ts';
import { filesIn, foldersIn, type OwnFolder } from './layout.ts';
import { bootId, lockState } from './lock.ts';
import { scratch } from './testing.ts';

describe('A folder that could not be made', () => {
  it.each([
    ['its lock cannot be written', 'writeFile'],
    ['it cannot get its name', 'rename'],
  ] as const)('has no living holder where %s', async (_, operation) => {
    const root = await scratch();
    const holder = { host: 'here', pid: 1, boot: await bootId(), since: '' };
    const disk: Disk = { ...systemDisk, [operation]: () => Promise.reject(new Error('ENOSPC')) };

    await expect(createOwn({ disk, root, holder }, 'own')).rejects.toThrow('ENOSPC');

    const [name = ''] = await readdir(root);
    // As of one that got as far as that: what is asked is whether somebody answers.
    await writeFile(path.join(root, name, 'lock.json'), JSON.stringify(holder));
    expect(await lockState(systemDisk, path.join(root, name), holder)).toBe('gone');
    await rm(root, { recursive: true });
  });
});

describe('The folder of an instance that is gone', () => {
  let folders: Folders;
  const owned: OwnFolder[] = [];

  beforeEach(async () => {
    const holder = { host: 'here', pid: 1, boot: await bootId(), since: '' };
    folders = { disk: systemDisk, root: await scratch(), holder };
  });
  afterEach(async () => {
    for (const own of owned.splice(0)) await leaveOwn(systemDisk, own);
    await rm(folders.root, { recursive: true, force: true });
  });

  async function own(name: string): Promise<OwnFolder> {
    const made = await createOwn(folders, name);
    owned.push(made);
    return made;
  }

  async function spilled(folder: string, route: string): Promise<void> {
    const place = path.join(folders.root, folder, 'routes', route, path.basename(folder));
    await mkdir(place, { recursive: true });
    await writeFile(path.join(place, `1-${'0'.repeat(16)}.spill`), 'x');
  }

  const routesOf = async ({ path: folder }: OwnFolder) =>
    (await filesIn(systemDisk, folder)).map(({ route }) => route).sort();

  it('is shared between threads by the routes that each of them runs', async () => {
    await spilled('gone', 'A');
    await spilled('gone', 'B');
    await spilled('gone/adopted/older', 'B');
    await spilled('gone', 'NOBODY');
    const first = await own('first');
    expect(await adoptGone(folders, first, { others: ['B'] })).toEqual(['gone']);
    expect(await routesOf(first)).toEqual(['A', 'NOBODY']);

    const second = await own('second');
    expect(await adoptGone(folders, second, { others: ['A'] })).toEqual(['gone']);
    expect(await routesOf(second)).toEqual(['B', 'B']);
    expect((await readdir(folders.root)).sort()).toEqual(['first', 'second']);
  });

  it('is left alone where nothing in it is ours', async () => {
    await spilled('gone', 'B');
    expect(await adoptGone(folders, await own('first'), { others: ['B'] })).toEqual([]);
    expect((await readdir(folders.root)).sort()).toEqual(['first', 'gone']);
  });

  it('is known by what only an instance writes; everything else is left alone', async () => {
    const { root } = folders;
    const at = (...names: readonly string[]): string => path.join(root, ...names);
    await spilled('no-lock-any-more', 'A');
    await mkdir(at('host-17-0123abcd', 'routes'), { recursive: true });
    await mkdir(at('empty'));
    await mkdir(at('other', 'routes', 'A', 'b'), { recursive: true });
    await writeFile(at('other', 'routes', 'A', 'b', 'notes.txt'), '');
    await mkdir(at('strange', 'routes', '%zz', 'b'), { recursive: true });
    await spilled('mixed', 'A');
    await writeFile(at('mixed', 'thesis.tex'), '');
    await mkdir(at('locked'));
    await writeFile(at('locked', 'lock.json'), '{"pid":"1"}');
    await writeFile(at('a-file'), '');
    await mkdir(at('lost+found'));

    const strangers = ['a-file', 'empty', 'locked', 'mixed', 'other', 'strange'];
    expect(await foldersIn(systemDisk, root)).toEqual({
      instances: ['host-17-0123abcd', 'no-lock-any-more'],
      strangers,
    });
    const before = await readdir(root, { recursive: true });
    const first = await own('first');
    await adoptGone(folders, first);

    expect(await routesOf(first)).toEqual(['A']);
    const after = await readdir(root, { recursive: true });
    const isStrange = (name: string): boolean => strangers.includes(name.split(path.sep)[0] ?? '');
    expect(after.filter(isStrange).sort()).toEqual(before.filter(isStrange).sort());
  });

  it('that was killed before it was ready is cleared away', async () => {
    const unready = path.join(folders.root, '.new-gone');
    await mkdir(unready);
    await writeFile(path.join(unready, 'lock.json'), JSON.stringify(folders.holder));
    await mkdir(path.join(folders.root, '.new-in-the-making'));
    await adoptGone(folders, await own('first'));
    expect((await readdir(folders.root)).sort()).toEqual(['.new-in-the-making', 'first']);
  });
});
