// `npm test`: installs what is missing, runs every kind of test, ends with `N passed, N failed`. The units, the demo and three
// kinds of whole processes also run on the other releases of Node that are supported.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { helpIfAsked } from './lib/help.mjs';
import { build, installDependencies, root } from './lib/install.mjs';
import { findNode, otherReleases } from './lib/node-releases.mjs';
import { findRedisServer } from './lib/redis-server.mjs';

const countsReporter = path.join(root, 'scripts', 'lib', 'counts-reporter.mjs');
const results = path.join(root, '.cache', 'results');
/** Where a missing release is a failure. */
const isCi = process.env.CI !== undefined && process.env.CI !== '';

/** Each stage is a script that writes its counts to a JSON file, or is one test by its status. */
const stages = [
  units(),
  vitest('live'),
  {
    name: 'conformance',
    result: resultFile('conformance'),
    script: ['test/conformance/run.mjs', '--json', resultFile('conformance')],
    count: ({ passed, failed, results: all }) => ({
      passed,
      failed,
      failures: all.filter(({ status }) => status === 'FAIL').map(inOneLine),
      skipped: all.filter(({ status }) => status === 'SKIP').map(inOneLine),
    }),
  },
  vitest('e2e'),
  vitest('faults'),
  // Last, for it builds without the types of the kit, which others look for.
  demo(),
];

/**
 * What another release runs: what depends on it (modules from outside: src/plugins/node-modules.ts), and one way through
 * everything (threads, a kill, HTTP, files).
 */
const stagesOf = (release) => [
  units(release),
  vitest('e2e', {
    release,
    files: ['kill', 'plugin/rude'].map((name) => `test/e2e/${name}.test.ts`),
  }),
  demo(release),
];

function units(release) {
  return vitest('unit', { release, projects: ['unit', 'unit-alone'] });
}

/** The first command of the README. */
function demo(release) {
  return { name: 'demo', release, script: ['scripts/demo.mjs'] };
}

function vitest(name, { release, projects = [name], files = [] } = {}) {
  const result = resultFile(release === undefined ? name : `${name}-node-${release}`);
  return {
    name,
    release,
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

function resultFile(name) {
  return path.join(results, `${name}.json`);
}

/** Runs a script with a Node, which is the first on the PATH for what that starts in turn. */
function run(node, { script, env: own }) {
  return new Promise((resolve, reject) => {
    const searched = [path.dirname(node), process.env.PATH].join(path.delimiter);
    const env = { ...process.env, ...own, PATH: searched };
    const child = spawn(node, script, { cwd: root, stdio: 'inherit', env });
    let isStopped = false;
    const stop = () => {
      isStopped = true;
      child.kill('SIGTERM');
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    child.once('error', reject);
    child.once('exit', (status) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      // Whoever stops one stage wants none of the others.
      if (isStopped) process.exit(130);
      resolve(status ?? 1);
    });
  });
}

helpIfAsked(`
usage: npm test [-- --releases]

Runs every kind of test: unit, live, conformance, e2e, faults; then some of them on the other supported releases of Node.
With --releases only that. For a single kind, see CONTRIBUTING.md.
`);
installDependencies();
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
process.env.SLUICE_REDIS_SERVER = await findRedisServer({ log: (line) => console.log(line) });
console.log(`Redis server: ${process.env.SLUICE_REDIS_SERVER}`);
build();

const total = { passed: 0, failed: 0, skipped: [], failures: [] };
const only = process.argv.includes('--releases');
for (const stage of only ? [] : stages) await runStage(stage, process.execPath);
for (const release of otherReleases()) {
  const node = await nodeOf(release);
  if (node === undefined) continue;
  for (const stage of stagesOf(release)) await runStage(stage, node);
}

for (const test of total.skipped) console.log(`skipped: ${test}`);
// Last, for of a long log that is often all there is to be seen.
for (const failure of total.failures) console.log(`failed: ${failure}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

async function runStage(stage, node) {
  const title = stage.release === undefined ? stage.name : `${stage.name} on Node ${stage.release}`;
  console.log(`\n── ${title} ──`);
  const status = await run(node, stage);
  const counts = stage.result === undefined ? byStatus(status) : readCounts(stage);
  const failed = counts.failed === 0 && status !== 0 ? 1 : counts.failed;
  total.passed += counts.passed;
  total.failed += failed;
  if (stage.release !== undefined)
    console.log(`${title}: ${counts.passed} passed, ${failed} failed`);
  if (failed > 0) {
    const named = counts.failures.length > 0 ? counts.failures : [`exit status ${status}`];
    total.failures.push(...named.map((failure) => `${title}: ${failure}`));
  }
  for (const test of counts.skipped) {
    const said = `${stage.name}: ${test}`;
    // What no release runs is said once.
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

function byStatus(status) {
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, failures: [], skipped: [] };
}

function readCounts({ name, result, count = (counts) => counts }) {
  try {
    return count(JSON.parse(readFileSync(result, 'utf8')));
  } catch (error) {
    const failure = `The ${name} tests left no result: ${error.message}`;
    return { passed: 0, failed: 1, failures: [failure], skipped: [] };
  }
}
