// `npm run soak -- --hours 12`: builds this checkout into a folder of its own, so that nobody's rebuild disturbs a run of hours,
// and looks whether anything grows.
import path from 'node:path';
import { helpIfAsked } from './lib/help.mjs';
import { installDependencies, runOrExit } from './lib/install.mjs';
import { buildPrivately } from './lib/private-build.mjs';
import { findRedisServer } from './lib/redis-server.mjs';

helpIfAsked(`
usage: npm run soak -- [--hours N | --minutes N] [--rate N] [--leak heap|descriptors|keys] [--out FILE]

Load for hours, while a sink flaps, labels churn and Redis is killed: whether memory, descriptors, keys or streams grow, and
whether every record arrives once. See docs/reliability.md.

  --hours=N      How long.
  --minutes=N    The same, in minutes (10).
  --rate=N       Records a second (2000).
  --leak=KIND    Plants a leak, which the run has to find: it then ends with 1.
  --out=FILE     The report with all samples, as JSON (.cache/soak/report.json).
`);
installDependencies();
process.env.SLUICE_REDIS_SERVER = await findRedisServer({ log: (line) => console.log(line) });

process.env.SLUICE_FAULT_MAIN ??= await buildPrivately('soak');
runOrExit(process.execPath, [
  ...['--conditions=source', '--import=tsx', path.join('test', 'faults', 'soak', 'main.ts')],
  ...process.argv.slice(2),
]);
