import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { userCache } from '../../scripts/lib/user-cache.mjs';

const run = promisify(execFile);
const limit = { timeout: 600_000, maxBuffer: 16 * 1024 * 1024 };

/**
 * The folder into which a Debian package was unpacked, with whatever it needs that this machine lacks: what can be done without
 * root, where the lists of packages are there. Kept in the user's cache, one for each version. Undefined where it cannot be done.
 */
export async function unpackedPackage(name: string): Promise<string | undefined> {
  const simulated = ['--simulate', 'install', '--yes', '--no-install-recommends', name];
  const said = await run('apt-get', simulated, limit).catch(() => undefined);
  const wanted = [...(said?.stdout ?? '').matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+)/gm)];
  const own = wanted.find((each) => each[1] === name)?.[2];
  if (own === undefined) return undefined;
  const home = userCache(name, own);
  if (existsSync(home)) return home;
  console.warn(`Unpacking ${name} ${own} with dpkg-deb.`);
  await mkdir(path.dirname(home), { recursive: true });
  const fresh = await mkdtemp(`${home}-`);
  try {
    const versions = wanted.map((each) => `${each[1]}=${each[2]}`);
    await run('apt-get', ['download', ...versions], { ...limit, cwd: fresh });
    for (const file of await readdir(fresh)) {
      await run('dpkg-deb', ['--extract', path.join(fresh, file), fresh], limit);
      await rm(path.join(fresh, file));
    }
    // In one step, for another test may make it at the same time: then the first one's is kept.
    await rename(fresh, home);
  } catch {
    if (!existsSync(home)) return undefined;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return home;
}
