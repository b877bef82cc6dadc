// `npm test`: installs what is missing, runs every kind of test, ends with `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { helpIfAsked } from './lib/help.mjs';
import { build, installDependencies, root } from './lib/install.mjs';
import { findRedisServer } from './lib/redis-server.mjs';

const results = path.join(root, '.cache', 'results');

/** Each stage is a command that writes its counts to a JSON file. */
const stages = [
  vitest('unit'),
  vitest('live'),
  {
    name: 'conformance',
    command: [process.execPath, 'test/conformance/run.mjs', '--json', resultFile('conformance')],
    count: ({ passed, failed, results: all }) => ({
      passed,
      failed,
      skipped: all
        .filter(({ status }) => status === 'SKIP')
        .map(({ id, detail }) => `${id}: ${detail}`),
    }),
  },
  vitest('e2e'),
  vitest('faults'),
];

function vitest(project) {
  return {
    name: project,
    command: [
      process.execPath,
      path.join('node_modules', 'vitest', 'vitest.mjs'),
      ...['run', '--project', project, '--reporter', 'default', '--reporter', 'json'],
      ...['--outputFile.json', resultFile(project)],
    ],
    count: ({ numPassedTests, numFailedTests, testResults, success }) => ({
      passed: numPassedTests,
      // A file that cannot even be loaded counts: it has no tests, yet it failed.
      failed: Math.max(numFailedTests, success ? 0 : 1),
      skipped: testResults
        .flatMap(({ assertionResults }) => assertionResults)
        .filter(({ status }) => status === 'pending' || status === 'skipped' || status === 'todo')
        .map(({ fullName }) => fullName),
    }),
  };
}

function resultFile(name) {
  return path.join(results, `${name}.json`);
}

function run([command, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    const stop = () => child.kill('SIGTERM');
    process.once('SIGINT', stop).once('SIGTERM', stop);
    child.once('error', reject);
    child.once('exit', (status) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve(status ?? 1);
    });
  });
}

helpIfAsked(`
usage: npm test

Runs every kind of test: unit, live, conformance, e2e, faults. For one of them, see CONTRIBUTING.md.
`);
installDependencies();
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
process.env.SLUICE_REDIS_SERVER = await findRedisServer({ log: (line) => console.log(line) });
console.log(`Redis server: ${process.env.SLUICE_REDIS_SERVER}`);
build();

const total = { passed: 0, failed: 0, skipped: [] };
for (const { name, command, count } of stages) {
  console.log(`\n── ${name} ──`);
  const status = await run(command);
  const counts = readCounts(name, count);
  total.passed += counts.passed;
  total.failed += counts.failed === 0 && status !== 0 ? 1 : counts.failed;
  total.skipped.push(...counts.skipped.map((test) => `${name}: ${test}`));
}

for (const test of total.skipped) console.log(`skipped: ${test}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

function readCounts(name, count) {
  try {
    return count(JSON.parse(readFileSync(resultFile(name), 'utf8')));
  } catch (error) {
    console.error(`The ${name} tests left no result: ${error.message}`);
    return { passed: 0, failed: 1, skipped: [] };
  }
}
