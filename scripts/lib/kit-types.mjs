import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root } from './install.mjs';

const emitted = path.join(root, '.cache', 'build', 'kit');
/** The doors of the kit, `sluice/pump` and `sluice/pump/testing`. */
const doors = ['pump/index.d.ts', 'pump/testing/index.d.ts'];

/**
 * Writes the types of the kit to `folder`: those of its doors and of what these refer to, and no others, for pumps from
 * outside the tree. The compiler remembers what it wrote last time, so a second run takes a moment.
 * @param {string} folder
 */
export async function writeKitTypes(folder) {
  await compile();
  rmSync(folder, { recursive: true, force: true });
  for (const file of reachable())
    cpSync(path.join(emitted, file), path.join(folder, file), { recursive: true });
}

function compile() {
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', path.join(root, 'tsconfig.kit.json')];
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve(undefined) : reject(new Error('the types of the kit do not compile')),
    );
  });
}

/** Files that the doors lead to, relative to the folder they are emitted to. */
function reachable() {
  const found = new Set(doors);
  for (const file of found)
    for (const name of importsOf(path.join(emitted, file))) {
      if (!name.startsWith('.')) continue;
      const next = path.join(path.dirname(file), name.replace(/\.ts$/, '.d.ts'));
      if (!existsSync(path.join(emitted, next))) throw new Error(`${file}: there is no ${name}`);
      found.add(next);
    }
  return found;
}

/** @param {string} file */
function importsOf(file) {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from |import\(|import )'([^']+)'/g)].map(([, name = '']) => name);
}
