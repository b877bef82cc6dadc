import { join } from 'node:path';
import { OpeningFailure, type PumpContext, unlessAborted } from '#pump';
import { verdictOf } from '../shared/files/failure.ts';
import { diskFolder, type Folder } from '../shared/files/folder.ts';
import { namesFor } from './aside-name.ts';
import { Keeper } from './keeper.ts';
import { takeLock, tryLock } from './lock.ts';
import type { Options } from './options.ts';
import { FileSink } from './sink.ts';
import { Tail } from './tail.ts';

/** Makes the folder, and takes up what the last process left of files that were put aside. */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<FileSink> {
  const names = namesFor(options.path);
  const folder = diskFolder(names.folder, options.file_mode);
  await probed(folder, names.live, signal);
  const { log, clock } = context;
  const lockPath = join(names.folder, `${names.live}.lock`);
  const keeper = new Keeper({
    ...{ folder, names, options, clock, log },
    lock: options.lock ? () => tryLock(`${lockPath}.aside`) : undefined,
  });
  keeper.tidy();
  return new FileSink({
    ...{ folder, names, keeper, options, context },
    tail: new Tail(folder, log),
    lock: options.lock ? (until) => takeLock(lockPath, until) : undefined,
  });
}

async function probed(folder: Folder, name: string, signal: AbortSignal): Promise<void> {
  try {
    await unlessAborted(folder.probe(name), undefined, signal);
  } catch (error) {
    const verdict = verdictOf(error);
    throw verdict.outcome === 'delivered' ? error : new OpeningFailure(verdict.failure);
  }
  signal.throwIfAborted();
}
