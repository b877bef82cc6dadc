// `npm run bench` and `npm run bench:guard`: builds this checkout into a folder of its own and measures that build.
// SLUICE_BENCH_MAIN names the compiled entry point of another build to measure in its place.
import path from 'node:path';
import { installDependencies, runOrExit } from './lib/install.mjs';
import { buildPrivately } from './lib/private-build.mjs';
import { findRedisServer } from './lib/redis-server.mjs';

const args = process.argv.slice(2);
const isGuard = args[0] === 'guard';
installDependencies();
// A report measures nothing.
if (!args.some((arg) => arg.startsWith('--report') || arg === '--help')) {
  process.env.SLUICE_REDIS_SERVER = await findRedisServer({ log: (line) => console.log(line) });
  process.env.SLUICE_BENCH_MAIN ??= await buildPrivately('bench');
}
runOrExit(process.execPath, [
  ...['--conditions=source', '--import=tsx'],
  path.join('bench', isGuard ? path.join('guard', 'main.ts') : 'main.ts'),
  ...(isGuard ? args.slice(1) : args),
]);
