// Runs the conformance suite against the built pump: `node test/conformance/run.mjs [--only GLOB] [--json FILE]`.
// The cases hold what the real Tyk Pump produced (suite/README.md); they are kept packed and unpacked on first use. Where
// Sluice differs on purpose, `differs/`, and `differs.tar.gz` for long tables, have the case's right value in place of Tyk
// Pump's; each says why in its notes.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRedisServer } from '../../scripts/lib/redis-server.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const packed = path.join(here, 'cases.tar.gz');
const unpacked = path.join(root, '.cache', 'conformance');

/** Groups that are not named after a pump and whose sinks exist. */
const commonGroups = ['common', 'env', 'health', 'uptime'];

/** The groups of this build: the common ones and those of the pumps there are. */
function groups() {
  const pumps = readdirSync(path.join(root, 'pumps'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const cases = readdirSync(path.join(unpacked, 'cases'));
  return cases.filter((group) => commonGroups.includes(group) || pumps.includes(group));
}

function extract(archive, folder) {
  const tar = spawnSync('tar', ['-xzf', archive, '-C', folder], { stdio: 'inherit' });
  if (tar.status !== 0) throw new Error('The conformance cases could not be unpacked.');
}

function unpack() {
  const isFresh = existsSync(unpacked) && statSync(unpacked).mtimeMs > statSync(packed).mtimeMs;
  if (isFresh) return;
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  extract(packed, unpacked);
  // They are packed read-only, and only root may write what differs over such files.
  spawnSync('chmod', ['-R', 'u+w', unpacked], { stdio: 'inherit' });
}

unpack();
cpSync(path.join(here, 'differs'), path.join(unpacked, 'cases'), { recursive: true });
extract(path.join(here, 'differs.tar.gz'), path.join(unpacked, 'cases'));
const redis = await findRedisServer({ log: (line) => console.log(line) });
const only = process.argv.includes('--only');
const args = [
  path.join(here, 'suite', 'run.mjs'),
  '--pump',
  `${process.execPath} ${path.join(root, 'dist/src/main.js')} --conf {conf}`,
  '--cases',
  path.join(unpacked, 'cases'),
  '--jobs',
  '6',
  ...(only ? [] : ['--groups', groups().join(',')]),
  ...process.argv.slice(2),
];
const run = spawnSync(process.execPath, args, {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${path.dirname(redis)}${path.delimiter}${process.env.PATH}` },
});
process.exit(run.status ?? 1);
