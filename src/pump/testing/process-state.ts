/* eslint-disable no-restricted-globals -- looks at the process from outside the sink: what it leaves, what it prints */
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** How many of each thing keep the process busy: timers, sockets, servers, and open files where the system tells. */
type Resources = ReadonlyMap<string, number>;

export function heldResources(): Resources {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo())
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  counts.set('open file', openFiles());
  return counts;
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

/**
 * What is held now beyond `before`, as words; empty when nothing is. Compared with before and not with nothing, since
 * the test runner holds timers and pipes of its own. Sockets take a moment to go, so it looks again until `within`
 * milliseconds are over.
 */
export async function leftBehind(before: Resources, within = 2_000): Promise<readonly string[]> {
  const end = performance.now() + within;
  for (;;) {
    const left = [...heldResources()]
      .filter(([kind, count]) => count > (before.get(kind) ?? 0))
      .map(([kind, count]) => `${kind}: ${before.get(kind) ?? 0} before, ${count} after`);
    if (left.length === 0 || performance.now() > end) return left;
    await delay(20);
  }
}

/** Listens to standard output and error until `stop`, which gives back what was printed. */
export function overhear(): { stop(): string } {
  const heard: string[] = [];
  const restore = [process.stdout, process.stderr].map((stream) => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was, and called on its stream
    const { write } = stream;
    stream.write = (chunk: Uint8Array | string, ...rest: []) => {
      heard.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      return write.call(stream, chunk, ...rest);
    };
    return () => {
      stream.write = write;
    };
  });
  return {
    stop() {
      for (const undo of restore) undo();
      return heard.join('');
    },
  };
}
