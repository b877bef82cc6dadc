// `npm run stress -- --only isolation|memory|stall`: builds this checkout into a folder of its own, so that nobody's
// rebuild disturbs a measurement, and measures it under load.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { installDependencies, root, runOrExit } from './lib/install.mjs';
import { findRedisServer } from './lib/redis-server.mjs';

installDependencies();
process.env.SLUICE_REDIS_SERVER = await findRedisServer({ log: (line) => console.log(line) });

const folder = path.join(root, '.cache', 'stress', `build-${process.pid}`);
mkdirSync(folder, { recursive: true });
cpSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
if (process.env.SLUICE_FAULT_MAIN === undefined) {
  const tsc = path.join('node_modules', 'typescript', 'bin', 'tsc');
  const outDir = path.join(folder, 'dist');
  runOrExit(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir]);
  process.env.SLUICE_FAULT_MAIN = path.join(outDir, 'src', 'main.js');
}
runOrExit(process.execPath, [
  ...['--conditions=source', '--import=tsx', path.join('test', 'faults', 'stress', 'main.ts')],
  ...process.argv.slice(2),
]);
