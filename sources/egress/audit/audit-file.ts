import { createWriteStream, type WriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { explain, type Log, StartError } from '#source';

/** Waiting to be written at most; what comes beyond is lost and counted, as traffic does not wait for a disk. */
const mostWaiting = 16 * 1024 * 1024;

export interface AuditFile {
  write(line: string): void;
  /** Opens it anew, after something has moved the old one away. Rejects where it cannot: then the old one is written on. */
  reopen(): Promise<void>;
  /** Resolves when all is written. */
  close(): Promise<void>;
}

/** A file that lines are appended to. Rejects where it cannot be opened. */
export async function openAuditFile(
  path: string,
  { log, onLost }: { readonly log: Log; readonly onLost: () => void },
): Promise<AuditFile> {
  let isBroken = false;
  const openStream = async (): Promise<WriteStream> => {
    // Opened first, so that what is wrong is known before anything depends on it.
    const handle = await open(path, 'a', 0o600).catch((error: unknown) => {
      throw new StartError(`audit_log: ${path} cannot be written: ${explain(error)}`);
    });
    isBroken = false;
    const stream = createWriteStream(path, { fd: handle });
    stream.on('error', (error) => {
      if (!isBroken)
        log.error({ path, reason: explain(error) }, 'The audit log cannot be written.');
      isBroken = true;
    });
    return stream;
  };
  let stream = await openStream();
  const end = (old: WriteStream): Promise<void> =>
    new Promise((resolve) => {
      if (old.closed) resolve();
      old.once('close', () => resolve()).end();
    });
  return {
    write(line) {
      if (isBroken || stream.writableLength > mostWaiting) onLost();
      else stream.write(line, (error) => (error ? onLost() : undefined));
    },
    async reopen() {
      const old = stream;
      stream = await openStream();
      await end(old);
    },
    close: () => end(stream),
  };
}
