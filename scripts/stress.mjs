// `npm run stress -- --only isolation|memory|stall`: builds this checkout into a folder of its own, so that nobody's
// rebuild disturbs a measurement, and measures it under load.
import path from 'node:path';
import { helpIfAsked } from './lib/help.mjs';
import { installDependencies, runOrExit } from './lib/install.mjs';
import { buildPrivately } from './lib/private-build.mjs';
import { findRedisServer } from './lib/redis-server.mjs';

helpIfAsked(`
usage: npm run stress -- [--only isolation|memory|stall]

Measures isolation, memory and stalls under load.
`);
installDependencies();
process.env.SLUICE_REDIS_SERVER = await findRedisServer({ log: (line) => console.log(line) });

process.env.SLUICE_FAULT_MAIN ??= await buildPrivately('stress');
runOrExit(process.execPath, [
  ...['--conditions=source', '--import=tsx', path.join('test', 'faults', 'stress', 'main.ts')],
  ...process.argv.slice(2),
]);
