import path from 'node:path';
import { type Disk, namesIn } from './disk.ts';
import { isLockName, type Lock, readHolder } from './lock.ts';
import { SpillFile } from './spill-file.ts';

/** What stands where under `spill_dir` (folders.ts), and what of it is ours. */

export const routesName = 'routes';
export const adoptedName = 'adopted';
/** Begins the name of a folder that has no lock yet. */
export const unready = '.new-';

/** The folder of this life. */
export interface OwnFolder {
  readonly path: string;
  readonly instance: string;
  readonly lock: Lock;
}

/** What is in a folder that is, or is said to be, `spill_dir`. */
export interface Found {
  /** Every instance's folder, whoever holds it. */
  readonly instances: readonly string[];
  /** What no instance wrote: another program's, and none of our business. */
  readonly strangers: readonly string[];
}

export async function foldersIn(disk: Disk, root: string): Promise<Found> {
  const names = (await namesIn(disk, root)).filter(
    (name) => !name.startsWith('.') && name !== 'lost+found',
  );
  const instances: string[] = [];
  const strangers: string[] = [];
  for (const name of names.toSorted())
    ((await isInstance(disk, path.join(root, name))) ? instances : strangers).push(name);
  return { instances, strangers };
}

/**
 * Whether an instance made it: its lock says so; or, where the lock has gone with a part of it, a file of ours in its
 * place; or its name, where there is nothing left but the name.
 */
async function isInstance(disk: Disk, folder: string): Promise<boolean> {
  const about = await disk.stat(folder).catch(() => undefined);
  if (about?.isDirectory() !== true) return false;
  if ((await readHolder(folder)) !== undefined) return true;
  const known = (name: string): boolean =>
    name === routesName || name === adoptedName || isLockName(name);
  if (!(await namesIn(disk, folder)).every(known)) return false;
  try {
    const files = (await filesIn(disk, folder)).flatMap(({ names }) => names);
    if (files.length === 0) return nameOfLife.test(path.basename(folder));
    return files.some((name) => SpillFile.isName(name) || SpillFile.isLaterName(name));
  } catch {
    // Not readable for us, or with names that we would not give.
    return false;
  }
}

/** As main.ts makes it: host, process id, a random part. */
const nameOfLife = /-\d+-[0-9a-f]{8}(?:$|-)/;

/** The files of one route in an instance's folder, by the folder they are in. */
export interface RouteFiles {
  readonly route: string;
  readonly folder: string;
  readonly names: readonly string[];
}

export async function filesIn(disk: Disk, instance: string): Promise<readonly RouteFiles[]> {
  const found: RouteFiles[] = [];
  const routes = path.join(instance, routesName);
  for (const encoded of await namesIn(disk, routes))
    for (const origin of await namesIn(disk, path.join(routes, encoded))) {
      const folder = path.join(routes, encoded, origin);
      const names = await namesIn(disk, folder);
      if (names.length > 0) found.push({ route: decodeURIComponent(encoded), folder, names });
    }
  for (const name of await namesIn(disk, path.join(instance, adoptedName)))
    found.push(...(await filesIn(disk, path.join(instance, adoptedName, name))));
  return found;
}

/** Where an instance's folder has its routes, and those of the folders it has adopted. */
export async function routesOf(disk: Disk, instance: string): Promise<readonly string[]> {
  const within = path.join(instance, adoptedName);
  const adopted = (await namesIn(disk, within)).map((name) =>
    routesOf(disk, path.join(within, name)),
  );
  return [path.join(instance, routesName), ...(await Promise.all(adopted)).flat()];
}

/** A route's name may hold anything. */
export const encodedRoute = (route: string): string =>
  encodeURIComponent(route).replaceAll('.', '%2E');

/** Where an instance's own files of a route go. */
export const routeFolder = ({ path: folder, instance }: OwnFolder, route: string): string =>
  path.join(folder, routesName, encodedRoute(route), instance);
