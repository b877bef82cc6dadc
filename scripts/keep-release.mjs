// `node scripts/keep-release.mjs [commit]`: keeps the program of a release for the test that runs it beside this one.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { helpIfAsked } from './lib/help.mjs';
import { installDependencies, root } from './lib/install.mjs';

helpIfAsked(`
usage: node scripts/keep-release.mjs [commit]

Builds a commit (HEAD if none is named) as it was and writes what runs of it to test/fixtures/last-release: a clone
without tags or history has the last release then, and test/e2e/last-release.test.ts runs it beside this one. To be done
after every release, and committed.
`);

const commit = git('rev-parse', '--verify', `${process.argv[2] ?? 'HEAD'}^{commit}`).trim();
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-release-'));
try {
  spawnSync('tar', ['-x', '-C', folder], { input: gitBytes('archive', commit) });
  const same =
    read(path.join(folder, 'package-lock.json')) === read(path.join(root, 'package-lock.json'));
  if (same) {
    installDependencies();
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  } else runThere('npm', ['ci', '--no-audit', '--no-fund']);
  runThere(process.execPath, ['scripts/build.mjs']);
  const { version } = JSON.parse(read(path.join(folder, 'package.json')));
  const files = { 'package.json': read(path.join(folder, 'package.json')), ...filesOf('dist') };
  const bytes = brotliCompressSync(JSON.stringify(files), {
    params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_QUALITY]: 11 },
  });
  const kept = path.join(root, 'test', 'fixtures', 'last-release');

  writeFileSync(path.join(kept, 'program.json.br'), bytes);
  writeFileSync(
    path.join(kept, 'release.json'),
    `${JSON.stringify({ version, commit }, undefined, 2)}\n`,
  );
  console.log(`${version} (${commit}): ${Object.keys(files).length} files, ${bytes.length} bytes`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** By path, without what only debuggers read. */
function filesOf(where) {
  const names = readdirSync(path.join(folder, where), { recursive: true, withFileTypes: true });
  const paths = names
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  return Object.fromEntries(paths.sort().map((name) => [name, read(path.join(folder, name))]));
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function git(...args) {
  return gitBytes(...args).toString();
}

function gitBytes(...args) {
  return execFileSync('git', args, { cwd: root, maxBuffer: 1024 ** 3 });
}

function runThere(command, args) {
  const { status } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}
