import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, runOrExit } from './install.mjs';

/**
 * Compiles this checkout into a folder of its own, so that nobody's rebuild disturbs a long measurement; the folder goes
 * when this process ends. Returns the path of the compiled entry point.
 * @param {string} purpose
 * @returns {string}
 */
export function buildPrivately(purpose) {
  const folder = path.join(root, '.cache', purpose, `build-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  cpSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const tsc = path.join('node_modules', 'typescript', 'bin', 'tsc');
  const outDir = path.join(folder, 'dist');
  runOrExit(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir]);
  return path.join(outDir, 'src', 'main.js');
}
