import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Millis } from '../../lib/units.ts';
import { millis } from '../../lib/units.ts';

/** One database file of the store: the calls of a stretch of time. */
export interface VolumeFile {
  /** Later ones have larger numbers. */
  readonly number: number;
  /** When it was begun. */
  readonly begun: Millis;
  readonly name: string;
  readonly path: string;
}

const named = /^(\d{9})-(\d{13})\.traffic$/;

/** `000000001-1764612000000.traffic`. */
export function volumeFile(folder: string, number: number, begun: Millis): VolumeFile {
  const name = `${String(number).padStart(9, '0')}-${String(begun).padStart(13, '0')}.traffic`;
  return { number, begun, name, path: join(folder, name) };
}

/** The oldest first. Rejects where the folder cannot be read. */
export async function volumesIn(folder: string): Promise<readonly VolumeFile[]> {
  return (await readdir(folder))
    .flatMap((name) => {
      const [, number, begun] = named.exec(name) ?? [];
      return number === undefined
        ? []
        : [volumeFile(folder, Number(number), millis(Number(begun)))];
    })
    .sort((one, other) => one.number - other.number);
}

const companions = ['', '-wal', '-shm'] as const;

/** Bytes on disk, with what is not in the file itself yet. */
export async function sizeOf({ path }: VolumeFile): Promise<number> {
  let sum = 0;
  for (const end of companions)
    sum += await stat(path + end).then(
      ({ size }) => size,
      () => 0,
    );
  return sum;
}

/** When something was last written to it. */
export async function writtenAt({ path }: VolumeFile): Promise<Millis> {
  let latest = 0;
  for (const end of ['', '-wal'])
    latest = await stat(path + end).then(
      ({ mtimeMs }) => Math.max(latest, Math.floor(mtimeMs)),
      () => latest,
    );
  return millis(latest);
}

export async function removeVolume({ path }: VolumeFile): Promise<void> {
  for (const end of companions) await rm(path + end, { force: true });
}

/** Keeps a broken file under another name, so that nobody reads it as ours and nobody deletes it. */
export async function setAside({ path }: VolumeFile): Promise<string> {
  const aside = `${path}.damaged`;
  for (const end of companions)
    await rename(path + end, aside + end).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  return aside;
}
