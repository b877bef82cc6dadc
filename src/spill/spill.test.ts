import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { bytes } from '../lib/units.ts';
import type { Lease } from '../purge/lease/lease.ts';
import { allDelivered, textsOf } from '../purge/testing.ts';
import { systemDisk } from './disk.ts';
import { foldersIn } from './layout.ts';
import { bootId, lockFolder, lockState } from './lock.ts';
import type { Spill } from './spill.ts';
import { aSpill, FakeStore, Mortal, scratch } from './testing.ts';

const list = 'analytics-test';
const all = '1800000000000-0';

describe('Spill', () => {
  let root: string;
  let store: FakeStore;
  const open: Spill[] = [];
  const signal = new AbortController().signal;
  beforeEach(async () => {
    root = await scratch();
    store = new FakeStore();
  });
  afterEach(async () => {
    for (const spill of open.splice(0)) await spill.close();
    await rm(root, { recursive: true, force: true });
  });

  async function start(changes: Parameters<typeof aSpill>[2] = {}) {
    const mortal = changes.mortal ?? new Mortal();
    const spill = await aSpill(root, store, { ...changes, mortal });
    open.push(spill);
    const leases = spill.between('A', { leases: store.leases(mortal), chunks: store.chunks });
    const read = async ({ range }: Lease) => textsOf((await leases.read(range, signal)).chunk);
    return { spill, leases, read, mortal };
  }

  it('moves what a route holds and what it does not, and gives both back oldest first', async () => {
    for (const text of ['a', 'b', 'c']) store.claim([text]);
    const { spill, leases, read } = await start();
    const [held] = await leases.take(1, signal);
    expect(spill.relieve('A', list, all)).toBe('under-way');
    await leases.relieved();
    expect([...store.tallies.values()].map(({ spilled }) => spilled)).toEqual([1, 1, 1]);
    expect(await read(held!)).toEqual(['a']);
    const rest = await leases.take(10, signal);
    expect(await Promise.all(rest.map(read))).toEqual([['b'], ['c']]);
    for (const lease of [held!, ...rest]) await leases.settle(lease, allDelivered(lease));
    expect(spill.records('A')).toBe(0);
  });

  it('leaves files of a newer version as they are, says so, and delivers the others', async () => {
    store.claim(['a']);
    const first = await start();
    first.spill.relieve('A', list, all);
    await first.leases.relieved();
    await first.spill.close();
    const [own = ''] = (await readdir(root, { recursive: true })).filter((name) =>
      name.endsWith('.spill'),
    );
    const later = path.join(root, own.replace('.spill', '.v2.spill'));
    await writeFile(later, 'another form');
    await writeFile(later.replace('.spill', '.done'), 'synced 12');

    const log = memoryLog();
    const { spill, leases, read } = await start({ log });
    expect(log.warnings()).toEqual([expect.stringContaining('a form that this version')]);
    const [lease] = await leases.take(1, signal);
    expect(await read(lease!)).toEqual(['a']);
    await leases.settle(lease!, allDelivered(lease!));
    await spill.close();
    const kept = (await readdir(root, { recursive: true })).filter((name) => name.includes('.v2.'));
    expect(kept).toHaveLength(2);
    // Nobody takes it for a stranger's.
    expect((await foldersIn(systemDisk, root)).strangers).toEqual([]);
  });

  it.each([
    [0o600, 0o700],
    [0o640, 0o750],
  ])('makes files of mode %i, and folders of mode %i', async (fileMode, folderMode) => {
    store.claim(['a']);
    const { spill, leases } = await start({ fileMode, root: path.join(root, 'made') });
    const umask = process.umask(0);
    try {
      spill.relieve('A', list, all);
      await leases.relieved();
    } finally {
      process.umask(umask);
    }
    const made = await readdir(root, { recursive: true, withFileTypes: true });
    const modes = made.map(async (entry) => {
      const { mode } = await stat(path.join(entry.parentPath, entry.name));
      return entry.isSocket() ? [] : [`${entry.isDirectory()} ${mode & 0o777}`];
    });
    expect(new Set((await Promise.all(modes)).flat())).toEqual(
      new Set([`true ${folderMode}`, `false ${fileMode}`]),
    );
  });

  it('moves no further than asked, and hands out the rest of Redis after it', async () => {
    const [, second] = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((text) => store.claim([text]));
    const { spill, leases } = await start();
    spill.relieve('A', list, second!.id);
    await leases.relieved();
    expect(spill.records('A')).toBeLessThan(8);
    const taken = [...(await leases.take(8, signal)), ...(await leases.take(8, signal))];
    expect(taken.map(({ range }) => range.segment)).toEqual(
      Array.from({ length: 8 }, (_, index) => `segment-${index + 1}`),
    );
  });

  it('deletes a file when all of it is answered for, and the folder at the end', async () => {
    store.claim(['a']);
    const { spill, leases } = await start();
    spill.relieve('A', list, all);
    await leases.relieved();
    const [lease] = await leases.take(1, signal);
    await leases.settle(lease!, allDelivered(lease!));
    await spill.close();
    open.splice(0);
    expect(await readdir(root)).toEqual([]);
  });

  it('refuses at spill_bytes until something has been delivered; what it refused stays in Redis', async () => {
    for (let index = 0; index < 3; index++) store.claim(['x'.repeat(3000)]);
    const { spill, leases } = await start({ limit: bytes(13_000) });
    spill.relieve('A', list, all);
    await leases.relieved();
    for (let index = 0; index < 3; index++) store.claim(['y'.repeat(3000)]);
    const again = new Mortal();
    await spill.close();
    open.splice(0);
    const next = await start({ limit: bytes(13_000), mortal: again });
    next.spill.relieve('A', list, all);
    await next.leases.relieved();
    expect(next.spill.problem('A')).toBe('spill_bytes is reached');
    expect(next.spill.relieve('A', list, all)).toBe('cannot');
    expect(store.unsettled.size).toBe(3);
    for (const lease of await next.leases.take(3, signal))
      await next.leases.settle(lease, allDelivered(lease));
    expect(next.spill.relieve('A', list, all)).toBe('under-way');
    await next.leases.relieved();
    expect(store.unsettled.size).toBe(0);
  });

  it('refuses after the disk has failed; nothing is lost', async () => {
    store.claim(['a']);
    const noSpace = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const open: typeof systemDisk.open = (file, flags) =>
      flags === 'wx' ? Promise.reject(noSpace) : systemDisk.open(file, flags);
    const { spill, leases, read } = await start({ disk: { ...systemDisk, open } });
    spill.relieve('A', list, all);
    await leases.relieved();
    expect(spill.relieve('A', list, all)).toBe('cannot');
    expect(spill.problem('A')).toBe('the spill cannot be written');
    const [lease] = await leases.take(1, signal);
    expect(await read(lease!)).toEqual(['a']);
  });

  it('says that a route is not its own', async () => {
    const { spill } = await start();
    expect(spill.relieve('B', list, all)).toBe('not-ours');
  });

  it('takes over the folder of an instance that is gone, not of one that lives', async () => {
    store.claim(['a']);
    const first = await start();
    first.spill.relieve('A', list, all);
    await first.leases.relieved();
    const second = await start();
    expect(second.spill.records('A')).toBe(0);
    await first.spill.close();
    open.splice(0, 1);
    const third = await start();
    expect(third.spill.records('A')).toBe(1);
    const [lease] = await third.leases.take(1, signal);
    expect(await third.read(lease!)).toEqual(['a']);
    expect((await foldersIn(systemDisk, root)).instances).toHaveLength(2);
  });

  it('holds its lock in a folder with a long name, too', async () => {
    const deep = path.join(root, 'a-rather-long-name-for-a-folder'.repeat(4));
    await systemDisk.mkdir(deep);
    const here = { host: 'a-host', boot: await bootId() };
    const lock = await lockFolder(systemDisk, deep, { ...here, pid: 1, since: '' });
    expect(await lockState(systemDisk, deep, here)).toBe('held');
    await lock.release();
    expect(await lockState(systemDisk, deep, here)).toBe('gone');
    const other = { host: 'another', boot: 'another' };
    expect(await lockState(systemDisk, deep, other)).toBe('elsewhere');
    expect(await lockState(systemDisk, deep, { ...here, boot: 'restarted' })).toBe('gone');
  });
});
