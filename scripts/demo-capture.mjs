// `npm run demo:capture`: an API with its clients and neighbours, everything that can look at it on this machine, and proof that
// each call was seen by each of them. Then what was found out: verdicts, and the API that was learned.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findSources, sourcesWith } from './lib/demo-capture-sources.mjs';
import {
  expectedOf,
  haveSeen,
  printEndpoints,
  printReports,
  reportsIn,
  seenIn,
} from './lib/demo-capture-verify.mjs';
import { scrape } from './lib/demo-metrics.mjs';
import { complete, freePort, start, stop, stopAll, until } from './lib/demo-processes.mjs';
import { emptied, startRedis } from './lib/demo-redis.mjs';
import * as screen from './lib/demo-screen.mjs';
import { helpIfAsked } from './lib/help.mjs';
import { build, installDependencies, root } from './lib/install.mjs';
import { findRedisServer } from './lib/redis-server.mjs';

helpIfAsked(`
usage: npm run demo:capture [-- [--built] [--seconds N]]

Lets an API be called for some seconds, looks at it with every source that this machine allows, and shows what was seen.
Ends by itself; exit code 1 says that calls were missing. Root on Linux sees most: packets and eBPF.

  --built     runs what is in dist
  --seconds   how long clients call (8)
`);

const { isBuilt, seconds } = parseArguments(process.argv.slice(2));
const main = path.join(root, 'dist', 'src', 'main.js');
/** Goes at the end; the output stays. */
const scratch = mkdtempSync(path.join(tmpdir(), 'sluice-demo-work-'));
let isStopping = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    // A terminal and npm may both pass it on.
    if (isStopping) return;
    isStopping = true;
    screen.print('\nStopping …');
    cleanUp().finally(() => process.exit(130));
  });
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

async function demo() {
  installDependencies();
  const redisServer = await findRedisServer({ log: screen.print });
  if (!isBuilt) {
    screen.print('Building …');
    build({ types: false });
  }
  const sources = await findSources();
  const redisPort = await startRedis(redisServer, scratch);
  const app = await startApp();

  screen.heading('Who looks');
  const { capture, metrics } = await startCapture({ redisPort, app, sources });
  for (const { name, words, obstacle } of sources)
    if (obstacle === undefined) screen.verdict({ holds: true, text: `${name}: ${words}` });
    else screen.print(`  – ${name}: ${obstacle}`);

  screen.heading('An API is called');
  const output = mkdtempSync(path.join(tmpdir(), 'sluice-demo-capture-'));
  const pump = await startPump(redisPort, output);
  screen.fact(
    'API',
    `http://127.0.0.1:${app.shopPort}, behind http://127.0.0.1:${app.gatewayPort}`,
  );
  const { calls, statuses, failed } = await life(app.gatewayPort);
  const asked = await endOf(app.shop);
  screen.fact('Clients', `${calls} calls in ${seconds} s: ${inWords(statuses)}`);
  screen.fact('The API', `asked others: ${inWords(asked)}`);

  // The kernel hands packets on in its own time.
  const expected = expectedOf({ calls, asked });
  for (let tries = 0; tries < 50; tries++) {
    if (haveSeen((await scrape(metrics)) ?? [], expected, sources)) break;
    await sleep(200);
  }
  // Each source writes what it still has, and its last report.
  await stop(capture);
  const left = await emptied(redisPort, 30_000);
  const reports = await reportsIn(redisPort);
  await stop(pump);
  const model = path.join(output, 'model.json');
  const openapi = path.join(output, 'openapi.json');
  writeFileSync(openapi, await sluice('model', model, '--openapi'));

  screen.heading('Seen');
  const claims = [
    { holds: failed === 0, text: `Clients: ${failed} calls without an answer` },
    ...seenIn(path.join(output, 'calls'), { sources, expected }),
    { holds: left === ':0', text: 'Redis: every record was delivered, and nothing is left' },
  ];
  for (const claim of claims) screen.verdict(claim);
  screen.heading('Why calls are seen, or are not');
  printReports(reports);
  screen.heading('The APIs, as they were learned');
  printEndpoints(JSON.parse(await sluice('model', model, '--json')));
  screen.heading('Files');
  for (const [name, file] of [
    ['Records', path.join(output, 'calls')],
    ['Model', model],
    ['OpenAPI', openapi],
  ])
    screen.fact(name, file);
  return claims.every(({ holds }) => holds);
}

/** The API and those that it asks. Ports are chosen first, for each wants to know the others'. */
async function startApp() {
  const [shopPort, gatewayPort, forwardPort, paymentsPort, ratesPort] = await freePorts(5);
  const { ca, trusted } = await authorities();
  const services = role('services', [
    ...['--folder', scratch, '--payments', `127.0.0.1:${paymentsPort}`],
    ...['--rates', `127.0.0.1:${ratesPort}`],
  ]);
  await until(services, () => linesOf(services).length === 3, 30_000);
  // Who is asked through the proxy is known by the proxy's authority.
  const shop = role('shop', [
    ...['--folder', scratch, '--listen', `127.0.0.1:${shopPort}`, '--ca', trusted],
    ...['--payments', `https://localhost:${paymentsPort}`],
    ...['--rates', `http://127.0.0.1:${ratesPort}`],
    ...['--proxy', `http://127.0.0.1:${forwardPort}`],
  ]);
  await until(shop, () => linesOf(shop).length === 1, 30_000);
  return { shop, shopPort, gatewayPort, forwardPort, paymentsPort, ratesPort, ca };
}

/** What signs for the hosts that the forward proxy looks into: `ca` with its key, `trusted` for those who trust it. */
async function authorities() {
  const [ca, trusted] = [path.join(scratch, 'proxy-ca.pem'), path.join(scratch, 'trusted.pem')];
  await sluice('capture', 'ca', '--file', ca, '--export', trusted);
  return { ca, trusted };
}

async function startCapture({ redisPort, app, sources }) {
  const adminPort = await freePort();
  const file = path.join(scratch, 'capture.json');
  const config = {
    storage: { host: '127.0.0.1', port: redisPort },
    admin: { listen: `127.0.0.1:${adminPort}` },
    sources: sourcesWith(sources, { ...app, originCa: path.join(scratch, 'ca.pem') }),
  };
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
  const capture = program('sluice capture', [main, 'capture', '--conf', file]);
  await until(capture, () => answers(`http://127.0.0.1:${adminPort}/ready`), 30_000);
  // Whose TLS is looked into is found a moment later.
  const ebpf = sources.find(({ name, obstacle }) => name === 'ebpf' && obstacle === undefined);
  if (ebpf !== undefined) {
    const isWatched = () => /A process is watched\./.test(said(capture));
    for (let tries = 0; tries < 100 && !isWatched(); tries++) await sleep(100);
    if (!isWatched())
      ebpf.obstacle = 'sees nothing: this Node.js shows no functions of its TLS library';
  }
  return { capture, metrics: `http://127.0.0.1:${adminPort}/metrics` };
}

async function startPump(redisPort, output) {
  const healthPort = await freePort();
  const file = path.join(scratch, 'pump.json');
  const pumps = {
    calls: { type: 'csv', meta: { csv_dir: path.join(output, 'calls') } },
    model: {
      type: 'model',
      // Two more see the same calls again.
      filter: 'tag:(cap-source-gateway or cap-source-forward)',
      meta: { path: path.join(output, 'model.json'), write_every: '1s' },
    },
  };
  const base = JSON.parse(readFileSync(path.join(root, 'config', 'pump.json'), 'utf8'));
  const storage = { ...base.analytics_storage_config, host: '127.0.0.1', port: redisPort };
  const config = {
    ...{ ...base, analytics_storage_config: storage, purge_delay: 1, pumps },
    ...{ health_check_endpoint_port: healthPort, sluice: { health_address: '127.0.0.1' } },
  };
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
  const pump = program('The pump', [main, '--conf', file]);
  const page = `http://127.0.0.1:${healthPort}/metrics`;
  await until(pump, async () => (await scrape(page)) !== undefined, 30_000);
  return pump;
}

async function life(gatewayPort) {
  const url = `http://shop.example`;
  const args = ['--url', url, '--connect', `127.0.0.1:${gatewayPort}`, '--seconds', seconds];
  const client = role('client', args);
  const [status] = await client.exited;
  if (status !== 0) throw new Error(`The client ended with ${status}: ${said(client)}`);
  return linesOf(client).at(-1);
}

/** Stops the API; gives how often it asked whom. */
async function endOf(shop) {
  await stop(shop);
  return linesOf(shop).at(-1).asked;
}

/** A part of the demo's app, as it is written. */
function role(name, args) {
  const file = path.join(root, 'demo', 'capture', 'main.ts');
  return program(`The demo's ${name}`, ['--import', 'tsx', file, name, ...args.map(String)]);
}

function program(name, args) {
  const logFile = path.join(scratch, `${name.replaceAll(/\W+/g, '-')}.log`);
  return start(name, process.execPath, args, { logFile, env: env() });
}

/** Runs a command to its end; gives what it printed. */
const sluice = (...args) =>
  complete(`sluice ${args[0]}`, process.execPath, [main, ...args], {
    logFile: path.join(scratch, `${args.join('-').replaceAll(/\W+/g, '-').slice(-60)}.log`),
    env: env(),
  });

const said = ({ logFile }) => readFileSync(logFile, 'utf8');

const linesOf = (of) =>
  said(of)
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line));

const answers = async (url) =>
  fetch(url, { signal: AbortSignal.timeout(2000) }).then(
    ({ ok }) => ok,
    () => false,
  );

async function freePorts(count) {
  const ports = new Set();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

const inWords = (counts) =>
  Object.entries(counts)
    .map(([name, count]) => `${name} × ${count}`)
    .join(', ');

/** Without variables that would configure the pump, what captures, or proxies of whoever runs this. */
function env() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(TYK|PMP|SLUICE_CAPTURE)_|_PROXY$/i.test(name),
    ),
  );
}

async function cleanUp() {
  await stopAll();
  rmSync(scratch, { recursive: true, force: true });
}

function parseArguments(given) {
  const rest = given.filter((word) => word !== '--built');
  const isRight = rest.length === 0 || (rest.length === 2 && rest[0] === '--seconds');
  const time = Number(rest[1] ?? 8);
  if (isRight && time > 0 && time <= 600)
    return { isBuilt: rest.length < given.length, seconds: time };
  console.error('Usage: npm run demo:capture -- [--built] [--seconds N], N from 1 to 600');
  return process.exit(2);
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
