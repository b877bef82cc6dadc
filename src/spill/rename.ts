import path from 'node:path';
import { codeOf, type Disk, makeFolder, namesIn, removeIfEmpty, syncFolder } from './disk.ts';
import { encodedRoute, filesIn, foldersIn, routesOf } from './layout.ts';
import { bootId, lockState } from './lock.ts';

export interface SpillRenaming {
  readonly disk: Disk;
  /** `spill_dir`. */
  readonly root: string;
  readonly host: string;
  readonly from: string;
  readonly to: string;
}

/** Folders of instances that have ranges of a route on disk. */
export interface SpillHolders {
  readonly gone: readonly string[];
  /** Their instances run. */
  readonly held: readonly string[];
  /** Of other machines, which alone can tell. */
  readonly elsewhere: readonly string[];
}

/** Who holds ranges of either route. */
export async function spillHolders(renaming: SpillRenaming): Promise<SpillHolders> {
  const { disk, root, host, from, to } = renaming;
  const here = { host, boot: await bootId() };
  const found: Record<keyof SpillHolders, string[]> = { gone: [], held: [], elsewhere: [] };
  for (const name of (await foldersIn(disk, root)).instances) {
    const folder = path.join(root, name);
    const files = await filesIn(disk, folder);
    const state = await lockState(disk, folder, here);
    // The new name's ranges need not be touched, but who delivers them runs.
    const isConcerned = files.some(
      ({ route }) => route === from || (route === to && state === 'held'),
    );
    if (isConcerned) found[state].push(name);
  }
  return found;
}

/**
 * Gives what waits on disk for one route to another, in the folders of instances that are gone: the files stay as they
 * are and move to the other route's folder, each by a rename. Killed half-way it can be done again. Gives how many.
 */
export async function renameSpilled(
  { disk, root, from, to }: SpillRenaming,
  instances: readonly string[],
): Promise<number> {
  let files = 0;
  for (const name of instances)
    for (const routes of await routesOf(disk, path.join(root, name)))
      files += await moveRoute(disk, routes, from, to);
  return files;
}

async function moveRoute(disk: Disk, routes: string, from: string, to: string): Promise<number> {
  const source = path.join(routes, encodedRoute(from));
  let files = 0;
  for (const origin of await namesIn(disk, source)) {
    const target = path.join(routes, encodedRoute(to), origin);
    await makeFolder(disk, target);
    // A file's list of what is done goes first: without it, it would be delivered anew; alone it is nothing.
    const names = [...(await namesIn(disk, path.join(source, origin)))].sort();
    for (const name of names) {
      await disk.rename(path.join(source, origin, name), path.join(target, name)).catch(ifThere);
      files += name.endsWith('.spill') ? 1 : 0;
    }
    await syncFolder(disk, target);
    await removeIfEmpty(disk, path.join(source, origin));
  }
  await removeIfEmpty(disk, source);
  return files;
}

/** Somebody else was faster. */
function ifThere(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}
