import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, runOrExit } from './install.mjs';

/**
 * Builds this checkout into a folder of its own, so that nobody's rebuild disturbs a long measurement; the folder goes when
 * this process ends. Returns the path of the entry point.
 *
 * @param {string} purpose
 * @param {{ readonly byFile?: boolean }} options - `byFile`: each source a file of its own and not what is shipped, for
 *   those who change single files or ask where time goes.
 * @returns {Promise<string>}
 */
export async function buildPrivately(purpose, { byFile = false } = {}) {
  const folder = path.join(root, '.cache', purpose, `build-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  cpSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const dist = path.join(folder, 'dist');
  if (byFile) {
    const tsc = path.join('node_modules', 'typescript', 'bin', 'tsc');
    runOrExit(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', dist]);
  } else {
    // Not before the dependencies are installed.
    const { bundle } = await import('./bundle.mjs');
    await bundle(dist);
  }
  return path.join(dist, 'src', 'main.js');
}
