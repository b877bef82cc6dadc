import { randomUUID } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { onAbort } from '#pump';

/** Held by one at a time, of all sinks of all processes of a machine. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * A socket, on which the kernel answers while its process lives, also a stopped one, and never after its end. A process id
 * would not do: in containers it repeats, and means nothing to a neighbour that shares the folder. Who waits is connected to it,
 * and hears its end.
 *
 * It is made under a name of its own and gets its place by a link, which only one can make. The socket of a process that has
 * gone is moved away first, by its number: whoever moved another one puts it back.
 */
export async function takeLock(path: string, signal: AbortSignal): Promise<Lock> {
  for (;;) {
    signal.throwIfAborted();
    const lock = await tryLock(path);
    if (lock !== undefined) return lock;
    await released(path, signal);
  }
}

/** The same without waiting; undefined where somebody has it. */
export async function tryLock(path: string): Promise<Lock | undefined> {
  const own = join(dirname(path), `.${randomUUID().slice(0, 8)}.lock`);
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => waiting.delete(socket));
  });
  const end = async (): Promise<void> => {
    for (const socket of waiting) socket.destroy();
    await closed(server);
  };
  try {
    await within(dirname(path), (folder) => listen(server, join(folder, basename(own))));
    const mine = await numberOf(own);
    if (!(await place(own, path))) {
      await end();
      return undefined;
    }
    return {
      async release() {
        try {
          if ((await numberOf(path)) === mine) await rm(path, { force: true });
        } finally {
          await end();
        }
      },
    };
  } catch (error) {
    await end();
    throw error;
  } finally {
    await rm(own, { force: true }).catch(() => undefined);
  }
}

/** Whether it got its place. */
async function place(own: string, path: string): Promise<boolean> {
  if (await linked(own, path)) return true;
  const other = await numberOf(path);
  if (other === undefined || (await isAnswered(path))) return false;
  const aside = `${own}.gone`;
  await rename(path, aside).catch(ifMissing);
  if ((await numberOf(aside)) === other) {
    await rm(aside, { force: true });
    return linked(own, path);
  }
  // Somebody took the place meanwhile.
  await linked(aside, path).catch(ifMissing);
  await rm(aside, { force: true });
  return false;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

function ifMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

/** Which file it is; undefined where there is none. Where the folder itself has gone, that is thrown. */
async function numberOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    ifMissing(error);
    return undefined;
  }
}

/** Addresses of sockets are short: 108 bytes on Linux, 104 elsewhere. */
const longestFolder = 50;

/** A deep folder is reached through its own descriptor (Linux), which must stay open as long as the address is used. */
async function within<T>(folder: string, work: (address: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(folder) <= longestFolder) return work(folder);
  const handle = await open(folder, 'r');
  try {
    return await work(`/proc/self/fd/${handle.fd}`);
  } finally {
    await handle.close();
  }
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

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });

/** Anything but a clear no counts as yes: a file taken from a living process would be worse than one left alone. */
function isAnswered(path: string): Promise<boolean> {
  return within(
    dirname(path),
    (folder) =>
      new Promise((resolve) => {
        const socket = connect(join(folder, basename(path)));
        socket.once('connect', () => {
          socket.destroy();
          resolve(true);
        });
        socket.once('error', (error) => {
          const code = codeOf(error);
          resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT');
        });
      }),
  );
}

/** Resolves once whoever has it lets it go, or has gone. Rejects with the signal, and where it cannot be asked. */
function released(path: string, signal: AbortSignal): Promise<void> {
  return within(
    dirname(path),
    (folder) =>
      new Promise((resolve, reject) => {
        const socket = connect(join(folder, basename(path)));
        const forget = onAbort(signal, () => socket.destroy());
        let failure: Error | undefined;
        socket.once('error', (error) => {
          failure = error;
        });
        socket.resume();
        socket.once('close', () => {
          forget();
          const code = codeOf(failure);
          const isGone =
            failure === undefined ||
            code === 'ECONNREFUSED' ||
            code === 'ENOENT' ||
            code === 'ECONNRESET' ||
            code === 'EPIPE';
          if (signal.aborted) reject(signal.reason as Error);
          else if (isGone) resolve();
          else reject(failure ?? new Error('the lock cannot be waited for'));
        });
      }),
  );
}
