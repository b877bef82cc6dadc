import { readFile } from 'node:fs/promises';
import type { Clock } from '../../lib/clock.ts';
import { digestOf } from '../../lib/digest.ts';
import { type Millis, seconds } from '../../lib/units.ts';
import { isAborted, pause } from '../../lib/waiting.ts';

interface WatchParts {
  /** How often to look; 0: not at all. Asked every time, for a reload may change it. */
  readonly every: () => Millis;
  /** The files that the configuration in force was read from: its own, those of secrets, certificates. */
  readonly files: () => readonly string[];
  /** Something in them is otherwise. Does not reject. */
  readonly onChange: () => Promise<unknown>;
  readonly clock: Clock;
  readonly read?: (path: string) => Promise<Uint8Array>;
}

/** How soon it is seen that an operator wants files to be watched. */
const idle = seconds(5);

/**
 * Looks at what stands in the files, again and again. Not by the operating system's notices: they are lost on network disks, and
 * Kubernetes puts a whole folder in the place of another. What has changed is read once it has been the same for two looks, so that a
 * file that is being written is left alone; what was refused is not read again until it changes again.
 */
export async function watchFiles(parts: WatchParts, stop: AbortSignal): Promise<void> {
  const { clock, every, files, onChange, read = readFile } = parts;
  let known = await look(files(), read);
  let before = known;
  while (!stop.aborted) {
    const pausing = every();
    await pause(clock, pausing === 0 ? idle : pausing, stop);
    if (isAborted(stop)) return;
    // What changed while nobody was to look is found when somebody is.
    if (pausing === 0) continue;
    const now = await look([...known.keys()], read);
    const isChanged = !isSame(now, known);
    if (isChanged && isSame(now, before)) {
      await onChange();
      // Others, perhaps: a reload may name them. What changed since the look before it is found by the next one.
      known = new Map([...(await look(files(), read)), ...now]);
      for (const file of known.keys()) if (!files().includes(file)) known.delete(file);
    }
    before = now;
  }
}

/** What stands in each file; of one that is not there nothing. */
async function look(
  files: readonly string[],
  read: (path: string) => Promise<Uint8Array>,
): Promise<Map<string, string>> {
  const digest = async (file: string): Promise<readonly [string, string]> => {
    const bytes = await read(file).catch(() => undefined);
    return [file, bytes === undefined ? '' : digestOf(Buffer.from(bytes).toString('latin1'))];
  };
  return new Map(await Promise.all(files.map(digest)));
}

const isSame = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean =>
  one.size === other.size && [...one].every(([file, digest]) => other.get(file) === digest);
