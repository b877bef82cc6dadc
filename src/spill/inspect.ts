import path from 'node:path';
import type { SourceList } from '../purge/lease.ts';
import { systemDisk } from './disk.ts';
import { filesIn, instancesIn } from './folders.ts';
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

export async function inspectSpill(
  root: string,
  host: string,
  listOf: (key: string) => SourceList,
): Promise<readonly SeenInstance[]> {
  const here = { host, boot: await bootId() };
  const names = await instancesIn(systemDisk, root);
  return Promise.all(
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
