import { type FileHandle, readFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import { codeOf, type Disk } from './disk.ts';

/** Who holds a folder, as its lock file says. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Of the kernel it runs under; empty where that has none. */
  readonly boot: string;
  /** ISO time of its start. */
  readonly since: string;
}

export interface Lock {
  release(): Promise<void>;
}

/**
 * `held`: its instance lives. `gone`: it does not, or the machine has been started again. `elsewhere`: another machine
 * wrote it, and only that one can tell.
 */
export type LockState = 'held' | 'gone' | 'elsewhere';

const lockFile = 'lock.json';
const socketFile = 'lock.sock';
/** Addresses of sockets are short: 108 bytes on Linux, 104 elsewhere. */
const longestAddress = 100;

/**
 * Locks a folder for the life of this process: a socket in it on which the kernel answers while the process lives, also
 * one that is stopped, and never after its end. A process id would not do: in containers it repeats, and means nothing
 * to a neighbour that shares the folder.
 */
export async function lockFolder(disk: Disk, folder: string, holder: Holder): Promise<Lock> {
  const address = await addressIn(disk, folder);
  const server = createServer((socket) => socket.destroy());
  const release = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    await address.close();
  };
  try {
    await listen(server, address.path);
    // The lock is no reason for the process to go on.
    server.unref();
    await disk.writeFile(path.join(folder, lockFile), `${JSON.stringify(holder)}\n`);
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

/** Removes the lock of a folder that has no holder any more. */
export async function removeLock(disk: Disk, folder: string): Promise<void> {
  await disk.rm(path.join(folder, socketFile), { force: true });
  await disk.rm(path.join(folder, lockFile), { force: true });
}

/** Undefined where there is no lock, or another program's. */
export async function readHolder(folder: string): Promise<Holder | undefined> {
  try {
    const said: unknown = JSON.parse(await readFile(path.join(folder, lockFile), 'utf8'));
    return isHolder(said) ? said : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(said: unknown): said is Holder {
  if (typeof said !== 'object' || said === null) return false;
  const { host, pid, boot, since }: Partial<Record<keyof Holder, unknown>> = said;
  return [host, boot, since].every((text) => typeof text === 'string') && typeof pid === 'number';
}

export const isLockName = (name: string): boolean => name === lockFile || name === socketFile;

/** Looks whether somebody holds a folder; `here` is this machine. */
export async function lockState(
  disk: Disk,
  folder: string,
  here: Pick<Holder, 'host' | 'boot'>,
): Promise<LockState> {
  const holder = await readHolder(folder);
  if (holder === undefined) return 'gone';
  if (holder.boot !== here.boot) return holder.host === here.host ? 'gone' : 'elsewhere';
  if (here.boot === '' && holder.host !== here.host) return 'elsewhere';
  const address = await addressIn(disk, folder);
  try {
    return (await isAnswered(address.path)) ? 'held' : 'gone';
  } finally {
    await address.close();
  }
}

/** The id of the running kernel; empty where it has none. */
export const bootId = async (): Promise<string> =>
  (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();

interface Address {
  readonly path: string;
  close(): Promise<void>;
}

/** A deep folder is reached through its own descriptor (Linux), which must stay open as long as the address is used. */
async function addressIn(disk: Disk, folder: string): Promise<Address> {
  const direct = path.join(folder, socketFile);
  if (Buffer.byteLength(direct) <= longestAddress)
    return { path: direct, close: () => Promise.resolve() };
  const handle: FileHandle = await disk.open(folder, 'r');
  return { path: `/proc/self/fd/${handle.fd}/${socketFile}`, close: () => handle.close() };
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Anything but a clear no counts as yes: a folder taken from a living instance would be worse than one left alone. */
function isAnswered(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => {
      resolve(codeOf(error) !== 'ECONNREFUSED' && codeOf(error) !== 'ENOENT');
    });
  });
}
