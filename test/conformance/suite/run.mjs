// Black-box conformance runner: see README.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import os from 'node:os';
import path from 'node:path';
import { parseArgs, globToRegExp } from './lib/args.mjs';
import { findCases } from './lib/cases.mjs';
import { portPool } from './lib/ports.mjs';
import { startRedis } from './lib/redis.mjs';
import { runCase } from './lib/run-case.mjs';
import { tearDown } from './lib/teardown.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const options = readOptions();
const cases = findCases(path.resolve(options.cases ?? path.join(here, 'cases')), globToRegExp(options.only)).filter(isInGroups);
const ports = portPool(options.ports);
const results = [];
const queue = [...cases];

await Promise.all(Array.from({ length: Math.min(options.jobs, cases.length) }, job));
await tearDown();

results.sort((a, b) => (a.id < b.id ? -1 : 1));
const failed = results.filter((r) => r.status === 'FAIL').length;
const passed = results.filter((r) => r.status === 'PASS').length;
if (options.json) writeFileSync(options.json, JSON.stringify({ passed, failed, results }, null, 2) + '\n');
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

function isInGroups({ id }) {
  return options.groups === undefined || options.groups.split(',').includes(id.split('/')[0]);
}

function readOptions() {
  try {
    return parseArgs(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

// Each job has its own redis-server, so cases never see each other's lists.
async function job() {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'conformance-redis-'));
  const redis = await startRedis(await ports.take(), dir);
  try {
    for (let next = queue.shift(); next; next = queue.shift()) report(next, await attempt(next, redis));
  } finally {
    redis.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function attempt(testCase, redis) {
  const started = Date.now();
  try {
    return { ...await runCase(testCase, { redis, ports, options }), ms: Date.now() - started };
  } catch (error) {
    return { difference: `runner: ${error.stack}`, ms: Date.now() - started };
  }
}

function report(testCase, { difference, skipped, note, items, ms }) {
  const status = difference ? 'FAIL' : skipped ? 'SKIP' : 'PASS';
  const detail = difference ?? skipped ?? note ?? `${items} items`;
  results.push({ id: testCase.id, status, detail, ms });
  console.log(`${status} ${testCase.id} (${detail})`);
}
