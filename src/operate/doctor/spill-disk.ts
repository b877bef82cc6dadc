import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { explain } from '../../lib/errors.ts';
import type { SpillDisk } from './judge-spill.ts';

/** File systems in memory, by the numbers of Linux: tmpfs and ramfs. */
const inMemory = new Set([0x01021994, 0x858458f6]);

/** Looks at a folder, or at the next one above that is there. Makes and writes nothing. */
export async function lookAtSpill(folder: string): Promise<SpillDisk> {
  try {
    const at = await nearestFolder(path.resolve(folder));
    await access(at, constants.W_OK | constants.X_OK);
    const { bavail, bsize, blocks, type } = await statfs(at);
    return {
      kind: 'there',
      free: bavail * bsize,
      total: blocks * bsize,
      isInMemory: inMemory.has(type),
      isMissing: at !== path.resolve(folder),
    };
  } catch (error) {
    return { kind: 'unusable', reason: explain(error) };
  }
}

async function nearestFolder(folder: string): Promise<string> {
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error(`${folder} is no folder`);
    return folder;
  } catch (error) {
    const above = path.dirname(folder);
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing || above === folder) throw error;
    return nearestFolder(above);
  }
}
