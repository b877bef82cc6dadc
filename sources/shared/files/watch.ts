import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '#source';

/**
 * Looks at files and folders now and then, and calls `changed` once something is otherwise and has been left alone for a look:
 * what is written in several steps is read once. By looks and not by the system's notices, which do not see what a volume of
 * Kubernetes does (a link is turned to another folder). What it returns ends it.
 */
export function watchFiles(
  /** Asked each time: which files there are may itself depend on what they say. */
  paths: () => readonly string[],
  {
    clock,
    every,
    changed,
  }: {
    readonly clock: Clock;
    readonly every: number;
    readonly changed: () => void | Promise<void>;
  },
): () => void {
  let isStopped = false;
  let callOff = (): void => undefined;
  let known: string | undefined;
  let last: string | undefined;
  const look = async (): Promise<void> => {
    const now = await signatureOf(paths());
    known ??= now;
    if (now !== known && now === last) {
      known = now;
      await changed();
    }
    last = now;
    again();
  };
  const again = (): void => {
    if (!isStopped)
      callOff = clock.after(every as Parameters<Clock['after']>[0], () => void look());
  };
  void look();
  return () => {
    isStopped = true;
    callOff();
  };
}

async function signatureOf(paths: readonly string[]): Promise<string> {
  const parts = await Promise.all(paths.map(partOf));
  return parts.join('\n');
}

async function partOf(file: string): Promise<string> {
  try {
    const found = await stat(file);
    if (!found.isDirectory()) return `${file} ${found.ino} ${found.size} ${found.mtimeMs}`;
    const names = (await readdir(file)).sort();
    return (await Promise.all(names.map((name) => fileIn(path.join(file, name))))).join('\n');
  } catch {
    return `${file} is not there`;
  }
}

async function fileIn(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() === true ? `${file} ${found.ino} ${found.size} ${found.mtimeMs}` : '';
}
