import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { FileFollower } from './file-follower.ts';
import { Seen } from './seen.ts';
import type { Arrivals, BenchSink } from './sink.ts';

/** Rows in files of a folder. */
export function csvSink(): BenchSink {
  return fileSink('.csv', (folder) => ({ csv: { type: 'csv', meta: { csv_dir: folder } } }));
}

/** Lines of JSON on the pump's standard output, which is a file. */
export function stdoutSink(): BenchSink {
  return fileSink('.out', () => ({ stdout: { type: 'stdout', meta: { format: 'json' } } }));
}

function fileSink(
  suffix: string,
  entries: (folder: string) => Readonly<Record<string, unknown>>,
): BenchSink {
  let seen = new Seen(0);
  let follower: FileFollower | undefined;
  return {
    interval: 20,
    async begin({ records, folder, stdout }) {
      const watched = suffix === '.out' ? path.dirname(stdout) : path.join(folder, 'csv');
      await mkdir(watched, { recursive: true });
      seen = new Seen(records);
      follower = new FileFollower(watched, suffix, seen);
      return entries(watched);
    },
    look() {
      follower?.look();
      return Promise.resolve(arrivalsOf(seen));
    },
    close: () => Promise.resolve(),
  };
}

export const arrivalsOf = (seen: Seen): Arrivals => ({
  arrived: seen.distinct,
  lost: seen.lost,
  invented: seen.invented,
});
