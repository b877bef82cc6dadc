import { open } from 'node:fs/promises';
import { explain } from '../../lib/errors.ts';
import { visible } from '../../lib/visible.ts';
import { exportedLetter, isUnread } from '../../operate/dead/exported.ts';
import type { DeadLetter } from '../../route/dead-letters/letter.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { count } from '../progress.ts';

/** Standard output for data: as it is, and resolving once somebody has taken it. */
export type WriteOutput = (bytes: Uint8Array, signal: AbortSignal) => Promise<void>;

interface Export {
  readonly letters: AsyncIterable<DeadLetter>;
  /** Empty: standard output. */
  readonly file: string;
  readonly isDecoded: boolean;
  readonly writeOutput: WriteOutput;
}

/**
 * `sluice dead export`: a line of JSON for each letter. They are data, written whole and not masked, and go one portion after
 * the other, so that memory stays what it is.
 */
export async function exportLetters(
  { letters, file, isDecoded, writeOutput }: Export,
  { stderr, signal }: CommandContext,
): Promise<ExitCode> {
  let destination: Destination;
  try {
    destination = await destinationOf(file, writeOutput);
  } catch (error) {
    stderr.write(`sluice: error: ${visible(file)}: ${notMade(error)}\n`);
    return 1;
  }
  let exported = 0;
  let unread = 0;
  const end = (isWhole: boolean): void => {
    if (unread > 0)
      stderr.write(
        `sluice: warning: ${count(unread)} are larger than Redis sends; their lines have no record.\n`,
      );
    if (file === '' && isWhole) return;
    const what = exported === 1 ? 'dead letter' : 'dead letters';
    stderr.write(`${count(exported)} ${what} exported${isWhole ? '' : '; these are not all'}.\n`);
  };
  try {
    for await (const lines of portions(letters, isDecoded)) {
      try {
        await destination.write(Buffer.from(lines.text), signal);
      } catch (error) {
        if (signal.aborted) throw error;
        const where = file === '' ? 'standard output' : visible(file);
        stderr.write(`sluice: error: ${where}: ${explain(error)}\n`);
        end(false);
        return 1;
      }
      exported += lines.letters;
      unread += lines.unread;
    }
    await destination.flush();
  } catch (error) {
    end(false);
    throw error;
  } finally {
    await destination.close();
  }
  end(true);
  return 0;
}

interface Destination {
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Resolves once what was written outlives this machine. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Records hold what callers sent: the file is the operator's alone. One that is there is somebody's. */
async function destinationOf(file: string, writeOutput: WriteOutput): Promise<Destination> {
  if (file === '')
    return {
      write: writeOutput,
      flush: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  const handle = await open(file, 'wx', 0o600);
  return {
    async write(bytes, signal) {
      signal.throwIfAborted();
      await handle.appendFile(bytes);
    },
    flush: () => handle.sync(),
    close: () => handle.close(),
  };
}

const notMade = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code === 'EEXIST'
    ? 'is there already, and is not written over'
    : `cannot be made: ${explain(error)}`;

const portionBytes = 256 * 1024;

async function* portions(letters: AsyncIterable<DeadLetter>, isDecoded: boolean) {
  const none = { text: '', letters: 0, unread: 0 };
  let portion = none;
  for await (const letter of letters) {
    portion = {
      text: `${portion.text}${visible(exportedLetter(letter, isDecoded))}\n`,
      letters: portion.letters + 1,
      unread: portion.unread + (isUnread(letter) ? 1 : 0),
    };
    if (portion.text.length < portionBytes) continue;
    yield portion;
    portion = none;
  }
  if (portion.letters > 0) yield portion;
}
