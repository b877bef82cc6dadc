// `npm run faults -- --seed N --minutes M`: builds this checkout into a folder of its own, so that nobody's rebuild
// disturbs a long run, and plays faults against it. `--broken` plays against builds that are broken on purpose.
import path from 'node:path';
import { helpIfAsked } from './lib/help.mjs';
import { installDependencies, runOrExit } from './lib/install.mjs';
import { buildPrivately } from './lib/private-build.mjs';
import { findRedisServer } from './lib/redis-server.mjs';

helpIfAsked(`
usage: npm run faults -- [<flags>]

Plays faults against real processes. See docs/reliability.md.

  --minutes=N     How long (5).
  --seed=N        Same seed, same faults (1).
  --only=NAME     Only faults whose names begin so. Repeatable.
  --jobs=N        At once (3).
  --short         Smaller runs, as in npm test.
  --replay=F:N    One schedule: fault F with seed N.
  --list          Names the faults.
  --broken        Plays against builds that are broken on purpose: each has to be found.
`);
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
