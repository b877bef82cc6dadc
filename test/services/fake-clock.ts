import { existsSync } from 'node:fs';
import { readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { needProgram } from './debian.ts';
import { scratchFolder, Unavailable } from './process.ts';

/**
 * The wall clock of processes started with `env`, to be stepped while they run: Debian's libfaketime. Their monotonic
 * clock goes on as it is, as with a real step.
 */
export interface FakeClock {
  readonly env: Readonly<Record<string, string>>;
  /** Seconds from the true time, from now on. */
  set(offset: number): Promise<void>;
}

/** Throws `Unavailable` where the library is missing and cannot be installed. */
export async function createFakeClock(): Promise<FakeClock> {
  const library = await needFakeClock();
  const file = path.join(await scratchFolder('clock'), 'offset');
  const set = async (offset: number): Promise<void> => {
    // Renamed, so that nobody reads half of it.
    await writeFile(`${file}.new`, `${offset < 0 ? '' : '+'}${offset}s`);
    await rename(`${file}.new`, file);
  };
  await set(0);
  const env = {
    // libc comes before the allocator that Redis is linked with, which asks for the time before anybody can know it.
    LD_PRELOAD: `${library} libc.so.6`,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    DONT_FAKE_MONOTONIC: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  return { env, set };
}

/** The path of the library. */
export async function needFakeClock(): Promise<string> {
  await needProgram('faketime', ['faketime', 'libfaketime']);
  const folders = await readdir('/usr/lib').catch(() => []);
  const found = folders
    .map((folder) => path.join('/usr/lib', folder, 'faketime', 'libfaketimeMT.so.1'))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Unavailable('This machine lacks libfaketime.');
  return found;
}
