// `npm run check`: every check side by side; what one says is printed when it ends. `--quick`: format and types alone.
// On a developer's machine types and lint take from the last run what has not changed since; in CI they begin from nothing,
// for a lint rule that asks for types may go by those of another file.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { root } from './lib/install.mjs';

const isFromNothing = process.env.CI !== undefined && process.env.CI !== '';
const kept = (file) => path.join('.cache', 'check', file);

const checks = {
  format: ['@biomejs/biome/bin/biome', 'check', '.'],
  types: ['typescript/bin/tsc', '--noEmit', ...(isFromNothing ? ['--incremental', 'false'] : [])],
  'types in the browser': ['typescript/bin/tsc', '-p', 'src/console/web', '--noEmit'],
  'types of the extension': ['typescript/bin/tsc', '-p', 'extension', '--noEmit'],
  lint: [
    ...['eslint/bin/eslint.js', '--max-warnings', '0', '.'],
    ...(isFromNothing
      ? []
      : ['--cache', '--cache-strategy', 'content', '--cache-location', kept('lint.json')]),
  ],
  boundaries: [
    ...['dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs'],
    ...['src', 'pumps', 'sources', 'templates', 'demo'],
  ],
  'dead code': ['knip/bin/knip.js'],
  'unread members': ['../scripts/unread-members.mjs'],
};

const [wanted, ...unknown] = process.argv.slice(2);
if (unknown.length > 0 || (wanted !== undefined && wanted !== '--quick')) {
  console.error('Usage: npm run check [-- --quick]');
  process.exit(2);
}
const names = wanted === '--quick' ? ['format', 'types'] : Object.keys(checks);
const results = await Promise.all(names.map(run));
process.exitCode = results.every((isFine) => isFine) ? 0 : 1;

function run(name) {
  const [program, ...args] = checks[name];
  const start = performance.now();
  const child = spawn(process.execPath, [path.join('node_modules', program), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) },
  });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(`${status === 0 ? 'passed' : 'FAILED'}: ${name} (${seconds} s)`);
      if (status !== 0) process.stdout.write(Buffer.concat(said));
      resolve(status === 0);
    });
  });
}
