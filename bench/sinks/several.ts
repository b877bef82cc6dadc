import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Arrivals, BenchSink } from './sink.ts';

/** Several sinks of one run; a record has arrived when it is everywhere. */
export function several(sinks: readonly BenchSink[]): BenchSink {
  return {
    interval: Math.max(...sinks.map(({ interval }) => interval)),
    async begin(run) {
      const entries: Record<string, unknown> = {};
      for (const [index, sink] of sinks.entries()) {
        const folder = path.join(run.folder, String(index));
        await mkdir(folder);
        Object.assign(entries, await sink.begin({ ...run, folder }));
      }
      return entries;
    },
    look: async () => worst(await Promise.all(sinks.map((sink) => sink.look()))),
    async close() {
      for (const sink of sinks) await sink.close();
    },
  };
}

function worst(all: readonly Arrivals[]): Arrivals {
  const known = all.flatMap(({ lastAt }) => lastAt ?? []);
  const notes = all.flatMap(({ note }) => note ?? []);
  return {
    arrived: Math.min(...all.map(({ arrived }) => arrived)),
    lost: Math.max(...all.map(({ lost }) => lost)),
    invented: all.reduce((sum, { invented }) => sum + invented, 0),
    ...(known.length === all.length ? { lastAt: Math.max(...known) } : {}),
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
  };
}
