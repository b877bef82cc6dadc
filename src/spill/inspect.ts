import path from 'node:path';
import type { SourceList } from '../purge/lease/lease.ts';
import { systemDisk } from './disk.ts';
import { filesIn, foldersIn } from './layout.ts';
import { bootId, type Holder, type LockState, lockState, readHolder } from './lock.ts';
import { damagedStretch, type Spilled } from './reading.ts';
import { SpillFile } from './spill-file.ts';

/** An instance's folder, seen from outside: nothing is changed, whoever holds it. */
export interface SeenInstance {
  readonly name: string;
  readonly state: LockState;
  readonly holder: Holder | undefined;
  readonly routes: readonly SeenRoute[];
}

export interface SeenRoute {
  readonly route: string;
  /** Of its files. */
  readonly bytes: number;
  readonly ranges: readonly Spilled[];
}

/** A folder as it is before anybody opens it. */
export interface Seen {
  readonly instances: readonly SeenInstance[];
  /** Names in it that no instance wrote. */
  readonly strangers: readonly string[];
}

/** Looks, and makes nothing; throws where there is no folder to look into. */
export async function inspectSpill(
  root: string,
  host: string,
  listOf: (key: string) => SourceList,
): Promise<Seen> {
  await systemDisk.readdir(root);
  const here = { host, boot: await bootId() };
  const { instances: names, strangers } = await foldersIn(systemDisk, root);
  const instances = await Promise.all(
    names.map(async (name) => {
      const folder = path.join(root, name);
      return {
        name,
        state: await lockState(systemDisk, folder, here),
        holder: await readHolder(folder),
        routes: await routesIn(folder, listOf),
      };
    }),
  );
  return { instances, strangers };
}

async function routesIn(
  folder: string,
  listOf: (key: string) => SourceList,
): Promise<readonly SeenRoute[]> {
  const routes = new Map<string, { route: string; bytes: number; ranges: Spilled[] }>();
  for (const { route, folder: within, names } of await filesIn(systemDisk, folder))
    for (const name of names.filter((each) => SpillFile.isName(each)).sort()) {
      const seen = routes.get(route) ?? { route, bytes: 0, ranges: [] };
      routes.set(route, seen);
      // It may go at any moment: its instance delivers.
      const loaded = await SpillFile.load(systemDisk, path.join(within, name), {
        isLooking: true,
      }).catch(() => undefined);
      if (loaded === undefined) continue;
      const { file, frames, damaged } = loaded;
      seen.bytes += file.size;
      for (const { range, ...extent } of frames)
        seen.ranges.push({
          file,
          ...extent,
          range: { ...range, list: listOf(range.list), bytes: extent.length },
          isDamaged: false,
        });
      for (const extent of damaged) seen.ranges.push(damagedStretch(file, extent, listOf('')));
    }
  return [...routes.values()];
}
