import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskFolder, type Folder } from '../shared/files/folder.ts';

/** The file of a model. */
export interface Store {
  /** Undefined: there is none yet. */
  read(): Promise<string | undefined>;
  /** Puts it in place of what was there: whole and on the disk, or not at all. */
  write(text: string): Promise<void>;
  /** Fails where it could not be written. */
  probe(): Promise<void>;
}

export function fileStore(path: string, mode: number): Store {
  const folder: Folder = diskFolder(dirname(path), mode);
  const part = join(dirname(path), `.${basename(path)}.part`);
  return {
    async read() {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async write(text) {
      await folder.probe(basename(path));
      try {
        const handle = await open(part, 'w', mode);
        try {
          await handle.writeFile(text);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(part, path);
      } catch (error) {
        // On a full disk it would be in the way of the records.
        await rm(part, { force: true }).catch(() => undefined);
        throw error;
      }
      await folder.sync();
    },
    probe: () => folder.probe(basename(path)),
  };
}
