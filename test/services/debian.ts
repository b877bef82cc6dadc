import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Unavailable } from './process.ts';

const run = promisify(execFile);
const installLimit = 600_000;

/**
 * The path of a server's program. Where it is missing, its Debian packages are installed if we may (nothing of them is
 * started); throws `Unavailable` if we may not.
 */
export async function needProgram(name: string, packages: readonly string[]): Promise<string> {
  const found = programPath(name);
  if (found !== undefined) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    console.warn(`Installing ${packages.join(', ')} with apt-get.`);
    await installPackages(packages).catch(() => undefined);
  }
  const installed = programPath(name);
  if (installed !== undefined) return installed;
  throw new Unavailable(`This machine lacks ${name} (Debian: ${packages.join(', ')}).`);
}

/** Servers live where an ordinary user's PATH does not look. */
function programPath(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/usr/bin'];
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}

/** Without their recommendations. Throws where apt-get cannot. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const env = { ...process.env, RUNLEVEL: '1', DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, timeout: installLimit, maxBuffer: 16 * 1024 * 1024 };
  const args = ['install', '--yes', '--no-install-recommends', ...packages];
  try {
    await run('apt-get', args, options);
  } catch {
    await run('apt-get', ['update'], options);
    await run('apt-get', args, options);
  }
}
