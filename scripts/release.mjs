// `npm run release -- VERSION`: checks, dates the changelog, builds what is published and tags it. Publishes nothing: it ends
// with a commit, a tag and a folder of files, and says how to push them.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { dated, hasUnreleased, sectionOf } from './lib/changelog.mjs';
import { helpIfAsked } from './lib/help.mjs';
import { installDependencies, root } from './lib/install.mjs';
import { writeReleaseFiles } from './lib/release-files.mjs';
import { nextVersion } from './lib/versions.mjs';

const usage = `
usage: npm run release -- VERSION [--dry-run] [--skip-checks]

  VERSION        as 1.2.3; or patch, minor, major: the next one
  --dry-run      builds the files to look at, and leaves the checkout as it was: no commit, no tag
  --skip-checks  without npm run check and npm test, where they have just passed

Leaves in .cache/release/VERSION the package, what it consists of (CycloneDX), notes, and SHA256SUMS of them; on main a
commit with the tag vVERSION, and one that keeps the program for test/e2e/last-release.test.ts.
`;

helpIfAsked(usage);
const { version, previous, isDry, skipsChecks } = parseCommandLine();
const tag = `v${version}`;
const date = new Date().toISOString().slice(0, 10);
const chart = 'deploy/helm/sluice/Chart.yaml';
const changed = ['package.json', 'package-lock.json', 'CHANGELOG.md', chart];
const kept = 'test/fixtures/last-release';
const folder = path.join(root, '.cache', 'release', version);

// Ctrl-C ends the command that runs, and by its failure this script, in good order.
process.on('SIGINT', () => undefined);

try {
  refuse();
  installDependencies();
  if (!skipsChecks) for (const name of ['check', 'test']) run('npm', ['run', name]);
  try {
    writeVersion();
    const files = writeReleaseFiles({ root, folder, version, date });
    if (!isDry) {
      commit();
      keep();
    }
    say(files);
  } finally {
    // After the commit there is nothing to restore; before it, and in a dry run, nothing else was changed.
    git('checkout', '--quiet', '--', ...changed);
  }
} catch (error) {
  console.error(`No release: ${error.message}`);
  process.exitCode = 1;
}

function parseCommandLine() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { 'dry-run': { type: 'boolean' }, 'skip-checks': { type: 'boolean' } },
    });
    const [wanted, ...more] = positionals;
    if (wanted === undefined || more.length > 0) throw new Error('one version is needed');
    const { version: previous } = readJson('package.json');
    return {
      version: nextVersion(previous, wanted),
      previous,
      isDry: values['dry-run'] === true,
      skipsChecks: values['skip-checks'] === true,
    };
  } catch (error) {
    console.error(`${error.message}\n${usage.trimEnd()}`);
    return process.exit(2);
  }
}

/** Whatever would make a release that nobody can build again or read about. */
function refuse() {
  const branch = git('branch', '--show-current');
  if (branch !== 'main')
    throw new Error(`releases are made on main, this is ${branch || 'no branch'}`);
  const dirty = git('status', '--porcelain');
  if (dirty !== '') throw new Error(`there are changes that are not committed:\n${dirty}`);
  if (git('tag', '--list', tag) !== '') throw new Error(`the tag ${tag} is there already`);
  const changelog = read('CHANGELOG.md');
  if (sectionOf(changelog, version) !== undefined)
    throw new Error(`CHANGELOG.md has a section ${version} already`);
  if (!hasUnreleased(changelog))
    throw new Error(
      'CHANGELOG.md says nothing under "Unreleased": what is different for operators?',
    );
}

function writeVersion() {
  const manifest = { ...readJson('package.json'), version };
  const lock = { ...readJson('package-lock.json'), version };
  lock.packages[''].version = version;
  write('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  write('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
  write('CHANGELOG.md', dated(read('CHANGELOG.md'), version, date));
  write(chart, read(chart).replace(/^(version|appVersion): .*$/gm, `$1: ${version}`));
}

function commit() {
  git('commit', '--quiet', '--message', `Release ${version}`, '--', ...changed);
  git('tag', '--annotate', '--message', `Sluice ${version}`, tag);
}

/** For the test that runs it beside whatever comes next (test/e2e/last-release.test.ts); the tag does not hold it. */
function keep() {
  try {
    run(process.execPath, ['scripts/keep-release.mjs', tag]);
    git('commit', '--quiet', '--message', `Keep the program of ${version}`, '--', kept);
  } catch (error) {
    console.error(`${tag} is made, but its program is not kept for the tests: ${error.message}`);
    process.exitCode = 1;
  }
}

function say(files) {
  console.log(`\n${previous} → ${version}${isDry ? ', a dry run' : ''}`);
  for (const name of files) console.log(`  ${path.relative(root, path.join(folder, name))}`);
  if (isDry) console.log('Nothing was committed or tagged.');
  else console.log(`Committed and tagged. To publish: git push --atomic origin main ${tag}`);
}

function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} failed`);
}

function read(name) {
  return readFileSync(path.join(root, name), 'utf8');
}

function readJson(name) {
  return JSON.parse(read(name));
}

function write(name, text) {
  writeFileSync(path.join(root, name), text);
}
