import { readFile, stat } from 'node:fs/promises';
import { explain } from '../../lib/errors.ts';
import { type Place, placeOf } from './place.ts';

/** A MaxMind file in memory. */
export interface GeoFile {
  /** What it is, by its own words: `GeoLite2-City`. */
  readonly databaseType: string;
  readonly builtAt: Date;
  /** Of an address in the notation of `publicAddress`. Throws where the file is damaged there. */
  readonly look: (address: string) => Place | undefined;
}

export type LoadedGeoFile =
  | { readonly outcome: 'loaded'; readonly version: string; readonly content: GeoFile }
  | { readonly outcome: 'failed'; readonly reason: string };

/** Larger than any there is, and what Node reads at once. */
const largest = 2 ** 30;

/** Changes whenever another file lies there, or this one was written to. Undefined where there is none. */
export async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { dev, ino, size, mtimeMs } = await stat(file);
    return [dev, ino, size, mtimeMs].join(':');
  } catch {
    return undefined;
  }
}

/** Never rejects. What changes while it is read is not taken. */
export async function loadGeoFile(file: string): Promise<LoadedGeoFile> {
  try {
    const found = await stat(file);
    if (!found.isFile()) return failed('it is no file');
    if (found.size > largest) return failed('it is larger than 1 GiB');
    const version = await versionOf(file);
    const bytes = await readFile(file);
    if (version === undefined || version !== (await versionOf(file)))
      return failed('it changed while it was read');
    return { outcome: 'loaded', version, content: await contentOf(bytes) };
  } catch (error) {
    return failed(explain(error));
  }
}

const failed = (reason: string): LoadedGeoFile => ({ outcome: 'failed', reason });

/** The library is read here and not before: by those who have such a file. */
async function contentOf(bytes: Buffer): Promise<GeoFile> {
  // By its default: in the bundle a package of the older kind has no other export.
  const { default: library } = await import('mmdb-lib');
  const reader = new library.Reader(bytes);
  const { databaseType, buildEpoch, ipVersion } = reader.metadata;
  // A file that is cut off or overwritten is found out now, and not by the first record.
  reader.get('1.1.1.1');
  return {
    databaseType,
    builtAt: buildEpoch,
    // The tree of version 4 would take the beginning of an address for all of it.
    look: (address) =>
      ipVersion === 4 && address.includes(':') ? undefined : placeOf(reader.get(address)),
  };
}
