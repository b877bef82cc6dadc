/**
 * The file of a model, which several processes may keep together: each puts a whole file in place of the old one, and only of one
 * that it has read. So what another has written in between is never overwritten, but read, and learned on.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskFolder, type Folder } from '../shared/files/folder.ts';

export interface Store {
  /** Undefined: there is none yet. */
  read(): Promise<string | undefined>;
  /**
   * Puts it in place of what was there: whole and on the disk, or not at all. `changed`: not at all, for the file is no longer the one
   * that was read or written here last.
   */
  write(text: string): Promise<'written' | 'changed'>;
  /** Fails where it could not be written. */
  probe(): Promise<void>;
}

/** Milliseconds after which a file beside it is what is left of a process that was killed. The file system's own times are compared. */
const abandoned = 30_000;

export function fileStore(path: string, mode: number): Store {
  const name = basename(path);
  const within = (file: string): string => join(dirname(path), file);
  const folder: Folder = diskFolder(dirname(path), mode);
  const lock = within(`.${name}.lock`);
  const isPart = (file: string): boolean => file.startsWith(`.${name}.`) && file.endsWith('.part');
  let known: string | undefined;

  /** Calls it while no other process puts its file in place, which takes microseconds. */
  async function alone<T>(now: number, work: () => Promise<T>): Promise<T> {
    if (now - ((await stat(lock).catch(missing))?.mtimeMs ?? now) > abandoned) await rm(lock);
    // Where another has it, the records come again.
    await (await open(lock, 'wx', mode)).close();
    try {
      return await work();
    } finally {
      await rm(lock, { force: true });
    }
  }

  async function removeAbandoned(now: number): Promise<void> {
    for (const file of await readdir(dirname(path)))
      if (
        isPart(file) &&
        now - ((await stat(within(file)).catch(missing))?.mtimeMs ?? now) > abandoned
      )
        await rm(within(file), { force: true });
  }

  return {
    async read() {
      known = undefined;
      const handle = await open(path, 'r').catch(missing);
      if (handle === undefined) return undefined;
      try {
        known = await identityOf(handle);
        return await handle.readFile('utf8');
      } finally {
        await handle.close();
      }
    },
    async write(text) {
      await folder.probe(name);
      const part = within(`.${name}.${randomUUID()}.part`);
      let isPlaced = false;
      try {
        const handle = await open(part, 'wx', mode);
        try {
          await handle.writeFile(text);
          await handle.sync();
          const [own, now] = [await identityOf(handle), (await handle.stat()).mtimeMs];
          isPlaced = await alone(now, async () => {
            const there = await stat(path).catch(missing);
            // One that was taken away is written anew.
            if (there !== undefined && identity(there) !== known) return false;
            await rename(part, path);
            return true;
          });
          if (isPlaced) {
            known = own;
            await removeAbandoned(now);
          }
        } finally {
          await handle.close();
        }
      } finally {
        // On a full disk it would be in the way of the records.
        if (!isPlaced) await rm(part, { force: true }).catch(() => undefined);
      }
      await folder.sync();
      return isPlaced ? 'written' : 'changed';
    },
    probe: () => folder.probe(name),
  };
}

interface Stats {
  readonly ino: number;
  readonly mtimeMs: number;
  readonly size: number;
}

/** Another file, or another content: each is written once, and renamed. */
const identity = ({ ino, mtimeMs, size }: Stats): string => [ino, mtimeMs, size].join(' ');
const identityOf = async (handle: FileHandle): Promise<string> => identity(await handle.stat());

/** Undefined where a file is not there; other errors stay what they are. */
function missing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return undefined;
}
