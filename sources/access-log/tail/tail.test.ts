import { appendFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../src/lib/fake-clock.testing.ts';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { Tail } from './tail.ts';

describe('a log on a disk that fails for a moment', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sluice-tail-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each([false, true])('goes on where it was, begun at its end: %s', async (fromEnd) => {
    const file = path.join(folder, 'access.log');
    await writeFile(file, fromEnd ? 'old\n' : 'a\nb\n');
    const seen: string[] = [];
    const clock = new FakeClock();
    const log = memoryLog();
    let isBroken = false;
    const stop = new AbortController();
    const tail = new Tail({
      ...{ path: file, clock, log, known: undefined, fromEnd },
      take: (line) => {
        seen.push(line ?? '');
        return Promise.resolve();
      },
      openFile: async (...of) => {
        const handle = await open(...of);
        const read = handle.read.bind(handle);
        // As a disk of the network does.
        handle.read = (...asked: Parameters<typeof read>) =>
          isBroken ? Promise.reject(new Error('ESTALE')) : read(...asked);
        return handle;
      },
    });
    const running = tail.follow(stop.signal);
    const until = (isTrue: () => boolean) =>
      expect
        .poll(async () => {
          await clock.advance(500);
          return isTrue();
        })
        .toBe(true);

    await until(() => (fromEnd ? tail.position?.offset === 4 : seen.length === 2));
    isBroken = true;
    await until(() => log.warnings().length === 1);
    await appendFile(file, 'c\n');
    isBroken = false;
    await until(() => seen.includes('c'));
    expect(seen).toEqual(fromEnd ? ['c'] : ['a', 'b', 'c']);
    stop.abort();
    await clock.advance(500);
    await running;
  });
});
