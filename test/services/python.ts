import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { userCache } from '../../scripts/lib/user-cache.mjs';
import { installPackages } from './debian.ts';
import { Unavailable } from './process.ts';

const run = promisify(execFile);
const installLimit = 900_000;

export interface PythonPackage {
  readonly name: string;
  readonly version: string;
  /** Parts of it that are installed only where they are asked for. */
  readonly extras?: readonly string[];
}

/**
 * The Python of an environment of its own that has this package, kept in the user's cache. Throws `Unavailable` where it cannot be
 * made; in CI, where there must be a registry, an error that nothing skips.
 */
export async function needPython({ name, version, extras = [] }: PythonPackage): Promise<string> {
  const home = userCache(name, version);
  const python = path.join(home, 'bin', 'python');
  if (existsSync(home)) return python;
  console.warn(`Installing ${name} ${version} with pip.`);
  await mkdir(path.dirname(home), { recursive: true });
  const fresh = await mkdtemp(`${home}-`);
  try {
    await makeEnvironment(fresh);
    const wanted = `${name}${extras.length === 0 ? '' : `[${extras.join()}]`}==${version}`;
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', wanted];
    await run(path.join(fresh, 'bin', 'python'), pip, { timeout: installLimit });
    // In one step, for another test may make it at the same time: then the first one's is kept.
    await rename(fresh, home);
  } catch (error) {
    if (!existsSync(home)) throw unavailable(name, error);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return python;
}

/** Debian has what it takes in a package of its own. */
async function makeEnvironment(folder: string): Promise<void> {
  const make = () => run('python3', ['-m', 'venv', folder], { timeout: installLimit });
  try {
    await make();
  } catch (error) {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) throw error;
    await installPackages(['python3-venv']);
    await make();
  }
}

function unavailable(name: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  const words = `${name} cannot be installed here: ${reason ?? ''}`;
  return (process.env['CI'] ?? '') === '' ? new Unavailable(words) : new Error(words);
}
