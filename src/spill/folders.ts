/**
 * Folders under `spill_dir`:
 *
 *     <instance>/lock.json, lock.sock                         who holds it
 *     <instance>/routes/<route>/<origin>/<n>-<mark>.spill     ranges, and beside it .done
 *     <instance>/adopted/<other instance>/…                   a folder on its way into this one
 *
 * `<instance>` names one process life. A folder appears complete with its lock, by a rename. The folder of a dead
 * instance is taken over by a rename too, into the adopter's own, so that of two adopters one wins; then its routes are
 * moved to their place, `<origin>` being the instance that wrote the files. kill -9 at any point leaves a folder
 * without a living holder that the next adopter takes over, with whatever was under way in it.
 */
import path from 'node:path';
import { codeOf, type Disk, makeFolder, namesIn, removeIfEmpty } from './disk.ts';
import { adoptedName, filesIn, foldersIn, type OwnFolder, routesName, unready } from './layout.ts';
import { type Holder, lockFolder, lockState, readHolder, removeLock } from './lock.ts';
import { SpillFile } from './spill-file.ts';

export interface Folders {
  readonly disk: Disk;
  /** `spill_dir`. */
  readonly root: string;
  readonly holder: Holder;
}

export async function createOwn(
  { disk, root, holder }: Folders,
  instance: string,
): Promise<OwnFolder> {
  const [name, hidden] = [path.join(root, instance), path.join(root, `${unready}${instance}`)];
  await makeFolder(disk, hidden);
  const lock = await lockFolder(disk, hidden, holder);
  try {
    await disk.rename(hidden, name);
  } catch (error) {
    await lock.release();
    throw error;
  }
  return { path: name, instance, lock };
}

/** Gives the folder up; what is in it is for the next start. An empty one goes. */
export async function leaveOwn(disk: Disk, { path: folder, lock }: OwnFolder): Promise<void> {
  try {
    const files = await filesIn(disk, folder);
    const names = files.flatMap((each) => each.names);
    if (names.some((name) => SpillFile.isName(name) || SpillFile.isLaterName(name))) return;
    await removeTree(disk, path.join(folder, routesName));
    await removeIfEmpty(disk, path.join(folder, adoptedName));
    await removeLock(disk, folder);
    await removeIfEmpty(disk, folder);
  } finally {
    await lock.release();
  }
}

export interface Adoption {
  /** Folders of other machines to take over as well. */
  readonly also?: readonly string[];
  /** Routes that are somebody else's: their part of a folder is put back for whoever runs them. */
  readonly others?: readonly string[];
}

/** Takes over the folders of dead instances. Resolves with the names of those that had something. */
export async function adoptGone(
  folders: Folders,
  own: OwnFolder,
  { also = [], others = [] }: Adoption = {},
): Promise<readonly string[]> {
  const { disk, root, holder } = folders;
  const adopted: string[] = [];
  for (const name of (await foldersIn(disk, root)).instances) {
    const folder = path.join(root, name);
    if (folder === own.path) continue;
    const state = await lockState(disk, folder, holder);
    if (state === 'held' || (state === 'elsewhere' && !also.includes(name))) continue;
    if (await adopt(folders, own, name, others)) adopted.push(name);
  }
  await sweep(folders);
  return adopted;
}

/** Folders that were never ready, of instances killed while they made them: they hold nothing but a lock. */
async function sweep({ disk, root, holder }: Folders): Promise<void> {
  for (const name of await namesIn(disk, root)) {
    const folder = path.join(root, name);
    // One without a holder may be in the making.
    if (!name.startsWith(unready) || (await readHolder(folder)) === undefined) continue;
    if ((await lockState(disk, folder, holder)) !== 'gone') continue;
    await removeLock(disk, folder);
    await removeIfEmpty(disk, folder);
  }
}

/** False: somebody else was faster, or nothing in it is for us. */
async function adopt(
  { disk, root }: Folders,
  own: OwnFolder,
  name: string,
  others: readonly string[] = [],
): Promise<boolean> {
  const within = path.join(own.path, adoptedName);
  await makeFolder(disk, within);
  try {
    await disk.rename(path.join(root, name), path.join(within, name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  const isOthers = (encoded: string): boolean => others.includes(decodeURIComponent(encoded));
  const moved = await absorb(disk, own, path.join(within, name), isOthers);
  // Without its lock: the next one who looks takes the rest.
  if ((await namesIn(disk, within)).includes(name))
    await disk.rename(path.join(within, name), path.join(root, name));
  await removeIfEmpty(disk, within);
  return moved > 0 || others.length === 0;
}

/** Moves the routes of an adopted folder, and of those it had adopted itself, to their place. Gives how many. */
async function absorb(
  disk: Disk,
  own: OwnFolder,
  folder: string,
  isOthers: (encoded: string) => boolean,
): Promise<number> {
  let moved = 0;
  for (const name of await namesIn(disk, path.join(folder, adoptedName)))
    moved += await absorb(disk, own, path.join(folder, adoptedName, name), isOthers);
  await removeIfEmpty(disk, path.join(folder, adoptedName));
  const routes = path.join(folder, routesName);
  for (const route of await namesIn(disk, routes)) {
    if (isOthers(route)) continue;
    moved++;
    const place = path.join(own.path, routesName, route);
    await makeFolder(disk, place);
    for (const origin of await namesIn(disk, path.join(routes, route)))
      await disk.rename(path.join(routes, route, origin), path.join(place, origin));
    await removeIfEmpty(disk, path.join(routes, route));
  }
  await removeIfEmpty(disk, routes);
  await removeLock(disk, folder);
  await removeIfEmpty(disk, folder);
  return moved;
}

/** Removes folders that hold nothing but folders. */
async function removeTree(disk: Disk, folder: string): Promise<void> {
  for (const name of await namesIn(disk, folder)) await removeTree(disk, path.join(folder, name));
  await removeIfEmpty(disk, folder);
}
