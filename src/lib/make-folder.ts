import path from 'node:path';

/** What making folders needs of a disk. */
interface FolderMaker {
  mkdir(path: string): Promise<unknown>;
  stat(path: string): Promise<{ isDirectory(): boolean }>;
}

/**
 * Makes a folder and those above it that are missing; gives the topmost it made, undefined where all were there. Node's
 * own way of doing so never ends where the system says that a folder is missing which is there (`/proc/x`).
 */
export async function makeFolder(disk: FolderMaker, folder: string): Promise<string | undefined> {
  const missing = await makeOne(disk, folder);
  if (missing !== 'above') return missing === 'made' ? folder : undefined;
  const above = path.dirname(folder);
  const first = above === folder ? undefined : await makeFolder(disk, above);
  await makeOne(disk, folder, 'last');
  return first ?? folder;
}

async function makeOne(
  disk: FolderMaker,
  folder: string,
  attempt: 'first' | 'last' = 'first',
): Promise<'made' | 'there' | 'above'> {
  try {
    await disk.mkdir(folder);
    return 'made';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' && attempt === 'first') return 'above';
    // Whatever the system minds: a folder that is there need not be made.
    const about = code === 'ENOENT' ? undefined : await disk.stat(folder).catch(() => undefined);
    if (about?.isDirectory() === true) return 'there';
    throw error;
  }
}

/** Permissions of a folder for files with these: whoever may read the files may search it. */
export const folderMode = (fileMode: number): number => fileMode | 0o100 | ((fileMode & 0o44) >> 2);
