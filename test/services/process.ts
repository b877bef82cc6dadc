import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A server this machine cannot run (no binary, no Java): the caller decides to skip, aloud, with this message. */
export class Unavailable extends Error {}

/**
 * Whether a server's tests can run, to be known at collection: asks one of the `need…` functions, which brings what is missing
 * where it may. Gives the reason if not, and says it aloud. For `describe.skipIf`.
 */
export async function whyUnavailable(need: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await need();
    return undefined;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.warn(`Tests are skipped: ${error.message}`);
    return error.message;
  }
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process that never outlives this one. */
export interface Child {
  readonly pid: number;
  /** The last lines it wrote. */
  output(): string;
  isRunning(): boolean;
  /** How it ended; undefined while it runs. */
  exit(): Exit | undefined;
  /** SIGTERM, and SIGKILL when that takes longer than ten seconds. Resolves once it is gone. */
  stop(): Promise<void>;
  /** SIGKILL: the crash test. Resolves once it is gone. */
  kill9(): Promise<void>;
}

const children = new Set<ChildProcess>();
const folders = new Set<string>();

function cleanUp(): void {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

let isWatching = false;
function watchForExit(): void {
  if (isWatching) return;
  isWatching = true;
  process.once('exit', cleanUp);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      cleanUp();
      // Ours was the only listener: do what the signal would have done without it.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
}

const setpriv = '/usr/bin/setpriv';

export function launch(
  command: string,
  args: readonly string[],
  {
    onOutput = () => undefined,
    ...options
  }: {
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    /** Sees all of the output, of which `output()` keeps the end. */
    readonly onOutput?: (text: string) => void;
  } = {},
): Child {
  watchForExit();
  // Exit handlers do not run when this process is killed; on Linux the kernel then kills the child.
  const guard =
    process.platform === 'linux' && existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL'] : [];
  const [program = command, ...rest] = [...guard, command, ...args];
  const child = spawn(program, rest, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let tail = '';
  const remember = (chunk: Buffer): void => {
    const text = chunk.toString();
    tail = (tail + text).slice(-8192);
    onOutput(text);
  };
  child.stdout.on('data', remember);
  child.stderr.on('data', remember);
  let isRunning = true;
  let exit: Exit | undefined;
  const gone = new Promise<void>((resolve) => {
    const end = (): void => {
      isRunning = false;
      children.delete(child);
      resolve();
    };
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      end();
    });
    child.once('error', (error) => {
      tail += `\n${error.message}`;
      end();
    });
  });
  return {
    pid: child.pid ?? -1,
    output: () => tail.trimEnd().split('\n').slice(-30).join('\n'),
    isRunning: () => isRunning,
    exit: () => exit,
    async stop() {
      if (!isRunning) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(timer);
    },
    async kill9() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Asks `isReady` until it says yes; fails with the last output when the child is gone or the time is up. */
export async function untilReady(
  child: Child,
  name: string,
  isReady: () => Promise<boolean>,
  limit = 60_000,
): Promise<void> {
  const end = Date.now() + limit;
  while (!(await isReady().catch(() => false))) {
    if (!child.isRunning()) throw new Error(`${name} ended at its start:\n${child.output()}`);
    if (Date.now() > end) {
      await child.kill9();
      throw new Error(`${name} was not ready after ${limit} ms:\n${child.output()}`);
    }
    await delay(25);
  }
}

/** Waits until `isTrue`; fails after `limit` ms, naming `what` and, where somebody can tell, how things stand instead. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  limit = 20_000,
  instead?: () => Promise<string>,
): Promise<void> {
  const end = Date.now() + limit;
  while (!(await isTrue())) {
    if (Date.now() > end) {
      const state = instead === undefined ? '' : ` Instead: ${await instead().catch(String)}.`;
      throw new Error(`Waited ${limit} ms in vain until ${what}.${state}`);
    }
    await delay(20);
  }
}

/** A new folder that goes when this process ends. Short, because it may hold sockets. */
export async function scratchFolder(name: string): Promise<string> {
  watchForExit();
  const folder = await mkdtemp(path.join(tmpdir(), `sluice-${name}-`));
  folders.add(folder);
  return folder;
}

/** Below Linux's range for outgoing connections. */
const [firstPort, lastPort] = [11_000, 22_000];
/** Processes that test beside this one, of the same stage and of the other lane (scripts/test.mjs), look in other parts. */
const part =
  (2 * Number(process.env['SLUICE_TEST_LANE'] ?? 0) +
    Number(process.env['VITEST_POOL_ID'] ?? 1) -
    1) %
  4;
const portsOfPart = (lastPort - firstPort) / 4;

/**
 * A port that is free now, and for which each `port + offset` is free as well. No outgoing connection takes the port of a
 * server that is down for a moment in a test; and none is given twice by a process, so that no other test's server takes it
 * either.
 */
export async function freePort(offsets: readonly number[] = []): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = firstPort + Math.floor((part + Math.random()) * portsOfPart);
    const wanted = [0, ...offsets].map((offset) => port + offset);
    if (wanted.some((one) => given.has(one))) continue;
    for (const one of wanted) given.add(one);
    if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return port;
  }
  throw new Error('No free port was found.');
}

const given = new Set<number>();

/** Nobody listens there on 127.0.0.1, or everywhere. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
