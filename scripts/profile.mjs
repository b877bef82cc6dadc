// `npm run profile`: builds this checkout into a folder of its own and profiles that build draining a backlog.
import path from 'node:path';
import { helpIfAsked } from './lib/help.mjs';
import { installDependencies, runOrExit } from './lib/install.mjs';
import { buildPrivately } from './lib/private-build.mjs';
import { findRedisServer } from './lib/redis-server.mjs';

helpIfAsked(`
usage: npm run profile

Profiles a build of this checkout while it drains a backlog.
`);
installDependencies();
process.env.SLUICE_REDIS_SERVER = await findRedisServer({ log: (line) => console.log(line) });
process.env.SLUICE_BENCH_MAIN ??= await buildPrivately('profile', { byFile: true });
runOrExit(process.execPath, [
  ...['--conditions=source', '--import=tsx', path.join('bench', 'profile', 'main.ts')],
  ...process.argv.slice(2),
]);
