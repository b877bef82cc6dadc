// `npm run faults -- --seed N --minutes M`: builds this checkout into a folder of its own, so that nobody's rebuild
// disturbs a long run, and plays faults against it. `--broken` plays against builds that are broken on purpose.
import path from 'node:path';
import { installDependencies, runOrExit } from './lib/install.mjs';
import { buildPrivately } from './lib/private-build.mjs';
import { findRedisServer } from './lib/redis-server.mjs';

installDependencies();
process.env.SLUICE_REDIS_SERVER = await findRedisServer({ log: (line) => console.log(line) });

// To break a build single files must be changed.
process.env.SLUICE_FAULT_MAIN ??= await buildPrivately('faults', {
  byFile: process.argv.includes('--broken'),
});
runOrExit(process.execPath, [
  ...['--conditions=source', '--import=tsx', path.join('test', 'faults', 'main.ts')],
  ...process.argv.slice(2),
]);
