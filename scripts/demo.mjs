// `npm run demo`: a gateway's records, the pump, and proof that each of them arrived. `-- --keep` lets it go on.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { scrape, summary, total } from './lib/demo-metrics.mjs';
import { complete, freePort, start, stop, stopAll, until } from './lib/demo-processes.mjs';
import { emptied, startRedis } from './lib/demo-redis.mjs';
import * as screen from './lib/demo-screen.mjs';
import { compareRows, earliestOf, readCsvFolder, writtenRecords } from './lib/demo-verify.mjs';
import { build, installDependencies, root } from './lib/install.mjs';
import { findRedisServer } from './lib/redis-server.mjs';

const records = 20_000;
const serverErrors = [500, 502];
const main = path.join(root, 'dist', 'src', 'main.js');

const { keeps, isBuilt } = parseArguments(process.argv.slice(2));
/** Goes at the end; the output stays. */
const scratch = mkdtempSync(path.join(tmpdir(), 'sluice-demo-work-'));
let isStopping = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    // A terminal and npm may both pass it on.
    if (isStopping) return;
    isStopping = true;
    screen.print('\nStopping …');
    cleanUp().finally(() => process.exit(keeps && isKept ? 0 : 130));
  });
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

let isKept = false;

async function demo() {
  installDependencies();
  const redisServer = await findRedisServer({ log: screen.print });
  if (!isBuilt) {
    screen.print('Building …');
    build({ types: false });
  }
  const generator = await source('cli/traffic/traffic.ts');
  const { count, startProgress } = await source('cli/progress.ts');
  const { systemClock } = await source('lib/clock.ts');

  screen.heading('A gateway leaves its records in Redis');
  const redisPort = await startRedis(redisServer, scratch);
  screen.fact('Redis', `${redisServer}, port ${redisPort}, its own and empty`);
  const generated = await generate(redisPort);
  screen.fact('Gateway', `${generated} (MessagePack and protobuf)`);

  const output = mkdtempSync(path.join(tmpdir(), 'sluice-demo-'));
  const pumps = {
    all: { type: 'csv', meta: { csv_dir: path.join(output, 'all') } },
    errors: {
      type: 'csv',
      filters: { response_codes: serverErrors },
      meta: { csv_dir: path.join(output, 'errors') },
    },
    dummy: { type: 'dummy' },
  };

  screen.heading('Sluice delivers them to three pumps');
  const { pump, config, url } = await startPump(redisPort, pumps);
  const routes = Object.keys(pumps).map((name) => name.toUpperCase());
  const progress = startProgress({
    label: 'answered',
    total: records * routes.length,
    output: process.stdout,
    clock: systemClock,
  });
  const { series, seconds } = await drained({ pump, url, routes, progress });

  screen.heading(`What ${url}/metrics says`);
  for (const line of summary(series)) screen.quote(line);

  screen.heading('What became of the records');
  const of = (route, outcome) => total(series, 'sluice_records_total', { route, outcome });
  screen.printTable(
    ['Route', 'Pump', 'Written', 'Delivered', 'Filtered', 'Rejected', 'Records/s'],
    routes.map((route, at) => [
      route,
      Object.values(pumps)[at].type,
      count(records),
      count(of(route, 'delivered')),
      count(of(route, 'filtered')),
      count(of(route, 'rejected')),
      count(records / seconds.get(route)),
    ]),
  );

  if (!keeps) await stop(pump);
  const isRight = await verify({ generator, redisPort, output, count });
  if (keeps) {
    isKept = true;
    await keep({ redisPort, config, url, pump });
  }
  return isRight;
}

/** Fills the gateway's lists; gives the first line of the command's report. */
async function generate(redisPort) {
  const args = ['generate', '--redis', `127.0.0.1:${redisPort}`, '--encoding', 'mixed'];
  const logFile = path.join(scratch, 'generate.log');
  const command = [main, ...args, '--records', String(records)];
  const printed = await complete('The generator', process.execPath, command, {
    logFile,
    env: env(),
  });
  const lists = printed.split('\n').filter((line) => line.startsWith('  ')).length;
  const [report = ''] = /^[\d,]+ records, [\d,]+ bytes/m.exec(printed) ?? [];
  return `${report}, in ${lists} lists`;
}

/** The configuration of the quick start, with this Redis and these pumps. */
async function startPump(redisPort, pumps) {
  const healthPort = await freePort();
  const base = JSON.parse(readFileSync(path.join(root, 'config', 'pump.json'), 'utf8'));
  const config = {
    ...base,
    analytics_storage_config: {
      ...base.analytics_storage_config,
      host: '127.0.0.1',
      port: redisPort,
    },
    purge_delay: 1,
    health_check_endpoint_port: healthPort,
    pumps,
    sluice: { health_address: '127.0.0.1' },
  };
  const file = path.join(scratch, 'pump.json');
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
  const logFile = path.join(scratch, 'pump.log');
  const options = { logFile, env: env() };
  const pump = start('The pump', process.execPath, [main, '--conf', file], options);
  const url = `http://127.0.0.1:${healthPort}`;
  await until(pump, async () => (await scrape(`${url}/metrics`)) !== undefined, 30_000);
  return { pump, config: file, url };
}

/**
 * Draws the progress until every route has answered for every record; gives the metrics then, and for each route the
 * seconds since the pump's first sign of life.
 */
async function drained({ pump, url, routes, progress }) {
  const began = performance.now();
  const seconds = new Map();
  let series = [];
  let answered = 0;
  await until(
    pump,
    async () => {
      series = (await scrape(`${url}/metrics`)) ?? series;
      answered = 0;
      for (const route of routes) {
        const done = total(series, 'sluice_records_total', { route });
        answered += done;
        if (done >= records && !seconds.has(route))
          seconds.set(route, (performance.now() - began) / 1000);
      }
      progress.update(answered);
      return seconds.size === routes.length;
    },
    120_000,
  );
  progress.end(answered);
  return { series, seconds };
}

/** Every record is in the first folder exactly once, every server error in the second, and Redis is empty again. */
async function verify({ generator, redisPort, output, count }) {
  const all = readCsvFolder(path.join(output, 'all'));
  const errors = readCsvFolder(path.join(output, 'errors'));
  const earliest = earliestOf(all.rows);
  const written = writtenRecords(generator.recordAt, { count: records, earliest });
  const failed = new Map(
    [...written].filter(([, { response_code: code }]) => serverErrors.includes(code)),
  );
  const lists = await emptied(redisPort);
  const claims = [
    {
      ...claim(compareRows(all.rows, written)),
      text: `ALL: ${count(all.rows.length)} rows read back, each of the ${count(records)} records written is there once`,
    },
    {
      ...claim(compareRows(errors.rows, failed)),
      text: `ERRORS: ${count(errors.rows.length)} rows, each record with status ${serverErrors.join(' or ')} once, no other`,
    },
    { holds: lists === ':0', text: 'Redis: no list and no segment is left' },
  ];
  screen.heading('Checked');
  for (const { holds, text, wrong } of claims) {
    screen.verdict({ holds, text });
    if (!holds && wrong !== undefined) screen.print(`    ${wrong}`);
  }
  screen.heading('Files');
  for (const file of [...all.files, ...errors.files]) screen.print(`  ${file}`);
  return claims.every(({ holds }) => holds);
}

function claim(found) {
  const wrong = Object.entries(found).filter(([, number]) => number > 0);
  return { holds: wrong.length === 0, wrong: wrong.map((each) => each.join(': ')).join(', ') };
}

async function keep({ redisPort, config, url, pump }) {
  screen.heading('Running on, until Ctrl-C');
  screen.fact('Redis', `127.0.0.1:${redisPort}`);
  screen.fact('Pages', `${url}/health  ${url}/ready  ${url}/metrics`);
  screen.fact('Config', config);
  screen.fact('Log', pump.logFile);
  screen.fact(
    'Records',
    `node dist/src/main.js generate --conf ${config} --records 50000 --rate 5000`,
  );
  screen.fact('Rejects', `node dist/src/main.js generate --conf ${config} --undecodable 0.01`);
  screen.fact('', `node dist/src/main.js dead ls --conf ${config}`);
  await pump.exited;
  if (!isStopping) throw new Error('the pump has ended');
}

async function cleanUp() {
  await stopAll();
  rmSync(scratch, { recursive: true, force: true });
}

/** Without variables that would configure the pump. */
function env() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TYK|PMP)_/.test(name)),
  );
}

/** A part of the service, as it is written. */
async function source(file) {
  // Not before the dependencies are installed.
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(pathToFileURL(path.join(root, 'src', file)).href, import.meta.url);
}

function parseArguments(given) {
  const isHelp = given.includes('--help') || given.includes('-h');
  const options = ['--keep', '--built'];
  if (!isHelp && given.every((argument) => options.includes(argument)))
    return { keeps: given.includes('--keep'), isBuilt: given.includes('--built') };
  console.log(`usage: npm run demo [-- [--keep] [--built]]

  --keep   leaves Redis and the pump running until Ctrl-C
  --built  runs what is in dist`);
  return process.exit(isHelp ? 0 : 2);
}

// Last, when every constant above has its value.
try {
  const isRight = await demo();
  await cleanUp();
  process.exitCode = isRight ? 0 : 1;
} catch (error) {
  if (!isStopping) {
    screen.complaint(`\nThe demo failed: ${error.message}`);
    await cleanUp();
    process.exitCode = 1;
  }
}
