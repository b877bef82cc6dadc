import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs `npm ci` unless node_modules already is what the lockfile says. Plain Node: nothing is installed yet. */
export function installDependencies() {
  if (isInstalled()) return;
  console.log('Installing dependencies (npm ci) …');
  runOrExit('npm', ['ci', '--no-audit', '--no-fund']);
}

/** Writes the service to dist/, without the types of the kit where nobody asks for them. */
export function build({ types = true } = {}) {
  runOrExit('npm', ['run', '--silent', 'build', ...(types ? [] : ['--', '--no-types'])]);
}

/** Runs a command with our standard streams; ends the process with its status where it fails. */
export function runOrExit(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Every package of the lockfile is there in its version; npm's own record of what it installed tells. */
function isInstalled() {
  const installed = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  const present = packagesOf(installed);
  return Object.entries(wanted).every(
    ([name, { version, optional }]) =>
      name === '' || optional === true || present[name]?.version === version,
  );
}

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
