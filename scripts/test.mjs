// `npm test`: installs what is missing, runs every kind of test, ends with `N passed, N failed`. The units, the demo and one
// test of whole processes also run on the other releases of Node that are supported.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { helpIfAsked } from './lib/help.mjs';
import { build, installDependencies, root } from './lib/install.mjs';
import { findNode, otherReleases } from './lib/node-releases.mjs';
import { findRedisServer } from './lib/redis-server.mjs';
import { sideBySide } from './lib/side-by-side.mjs';

const countsReporter = path.join(root, 'scripts', 'lib', 'counts-reporter.mjs');
const results = path.join(root, '.cache', 'results');
/** Where a missing release is a failure. */
const isCi = process.env.CI !== undefined && process.env.CI !== '';

/** Needs what Node brings and nothing else: others wait for the servers meanwhile. */
const servers = 'servers';

/**
 * Each stage is a script that writes its counts to a JSON file, or is one test by its status. In the order in which they
 * begin, two at a time: those that wait for servers beside those that compute.
 */
const stagesOfThis = [
  {
    title: servers,
    script: ['--import', 'tsx', '--conditions=source', 'test/services/prepare.ts'],
  },
  // On a developer's machine `npm run check` comes before a commit, and is quicker.
  ...(isCi ? [{ title: 'check', script: ['scripts/check.mjs'], isNoTest: true }] : []),
  units(),
  vitest('e2e', { after: servers }),
  vitest('live', { after: servers }),
  {
    title: 'conformance',
    result: resultFile('conformance'),
    script: ['test/conformance/run.mjs', '--json', resultFile('conformance')],
    count: ({ passed, failed, results: all }) => ({
      passed,
      failed,
      failures: all.filter(({ status }) => status === 'FAIL').map(inOneLine),
      skipped: all.filter(({ status }) => status === 'SKIP').map(inOneLine),
    }),
  },
  vitest('faults', { after: servers }),
];

/**
 * What another release runs: what depends on it (modules from outside: src/plugins/node-modules.ts), and one way through
 * everything (threads, a kill, HTTP, files).
 */
const stagesOf = (release) => [
  units(release),
  vitest('e2e', { release, files: ['test/e2e/plugin/rude.test.ts'] }),
  demo(release, ['--built']),
];

function units(release) {
  return vitest('unit', { release, projects: ['unit', 'unit-alone'] });
}

/** The first command of the README, which builds. */
function demo(release, args = []) {
  return { title: titled('demo', release), release, script: ['scripts/demo.mjs', ...args] };
}

/** Runs what the other one has built. */
function demoOfCapture() {
  return { title: 'demo of capturing', script: ['scripts/demo-capture.mjs', '--built'] };
}

function vitest(name, { release, after, projects = [name], files = [] } = {}) {
  const title = titled(name, release);
  const result = resultFile(release === undefined ? name : `${name}-node-${release}`);
  return {
    title,
    release,
    after,
    result,
    env: { SLUICE_COUNTS: result },
    script: [
      path.join('node_modules', 'vitest', 'vitest.mjs'),
      ...['run', ...projects.flatMap((project) => ['--project', project])],
      ...['default', countsReporter].flatMap((reporter) => ['--reporter', reporter]),
      ...files,
    ],
  };
}

function titled(name, release) {
  return release === undefined ? name : `${name} on Node ${release}`;
}

function resultFile(name) {
  return path.join(results, `${name}.json`);
}

/** Runs a stage's script with a Node, which is the first on the PATH for what that starts in turn; each line with its title. */
function run(node, { title, script, env: own }, lane) {
  return new Promise((resolve, reject) => {
    const searched = [path.dirname(node), process.env.PATH].join(path.delimiter);
    const env = { ...process.env, ...own, SLUICE_TEST_LANE: String(lane), PATH: searched };
    const child = spawn(node, script, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env });
    const lines = [child.stdout, child.stderr].map((stream) =>
      createInterface({ input: stream }).on('line', (line) => console.log(`${title} │ ${line}`)),
    );
    running.add(child);
    child.once('error', reject);
    child.once('close', (status) => {
      running.delete(child);
      for (const each of lines) each.close();
      resolve(status ?? 1);
    });
  });
}

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    // Whoever stops one stage wants none of the others.
    for (const child of running) child.kill('SIGTERM');
    Promise.all([...running].map((child) => once(child, 'exit'))).finally(() => process.exit(130));
  });

helpIfAsked(`
usage: npm test [-- --releases]

Runs every kind of test: unit, live, conformance, e2e, faults, two kinds at a time; then some of them on the other supported
releases of Node. With the variable CI also the checks.
With --releases only that. For a single kind, see CONTRIBUTING.md.
`);
installDependencies();
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
process.env.SLUICE_REDIS_SERVER = await findRedisServer({ log: (line) => console.log(line) });
console.log(`Redis server: ${process.env.SLUICE_REDIS_SERVER}`);
build();

const total = { passed: 0, failed: 0, skipped: [], failures: [] };
const isOnlyReleases = process.argv.includes('--releases');
const stages = isOnlyReleases ? [] : [...stagesOfThis];
for (const release of otherReleases()) {
  const node = await nodeOf(release);
  if (node !== undefined) stages.push(...stagesOf(release).map((stage) => ({ ...stage, node })));
}
// Last, for others run what is built, and it builds without the types of the kit.
if (!isOnlyReleases) stages.push({ ...demo(), alone: true }, { ...demoOfCapture(), alone: true });
await sideBySide(stages, Math.min(2, availableParallelism()), runStage);

for (const test of total.skipped) console.log(`skipped: ${test}`);
// Last, for of a long log that is often all there is to be seen.
for (const failure of total.failures) console.log(`failed: ${failure}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

async function runStage(stage, lane) {
  const { title, node = process.execPath } = stage;
  console.log(`── ${title}: begins ──`);
  const start = performance.now();
  const status = await run(node, stage, lane);
  const seconds = Math.round((performance.now() - start) / 1000);
  if (title === servers) return console.log(`── ${title}: ready after ${seconds} s ──`);
  const counts = stage.result === undefined ? byStatus(status, stage.isNoTest) : readCounts(stage);
  const failed = counts.failed === 0 && status !== 0 ? 1 : counts.failed;
  total.passed += counts.passed;
  total.failed += failed;
  console.log(`── ${title}: ${counts.passed} passed, ${failed} failed, after ${seconds} s ──`);
  if (failed > 0) {
    const named = counts.failures.length > 0 ? counts.failures : [`exit status ${status}`];
    total.failures.push(...named.map((failure) => `${title}: ${failure}`));
  }
  for (const test of counts.skipped) {
    // What no release runs is said once.
    const said = `${title.replace(/ on Node .*/, '')}: ${test}`;
    if (!total.skipped.includes(said)) total.skipped.push(`${title}: ${test}`);
  }
}

/** The binary of a release. Without it there is nothing to test with; on a developer's machine that may be. */
async function nodeOf(release) {
  try {
    return await findNode(release, { log: (line) => console.log(`\n${line}`) });
  } catch (error) {
    if (isCi) {
      total.failures.push(error.message);
      total.failed += 1;
    } else total.skipped.push(error.message);
    return undefined;
  }
}

function inOneLine({ id, detail }) {
  return `${id}: ${detail}`;
}

function byStatus(status, isNoTest = false) {
  return {
    passed: status === 0 && !isNoTest ? 1 : 0,
    failed: status === 0 ? 0 : 1,
    failures: [],
    skipped: [],
  };
}

function readCounts({ title, result, count = (counts) => counts }) {
  try {
    return count(JSON.parse(readFileSync(result, 'utf8')));
  } catch (error) {
    const failure = `The tests of ${title} left no result: ${error.message}`;
    return { passed: 0, failed: 1, failures: [failure], skipped: [] };
  }
}
