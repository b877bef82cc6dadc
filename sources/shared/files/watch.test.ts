import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '#source';
import { watchFiles } from './watch.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'watch-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A clock whose looks happen when the test says so, each to its end. */
function handClock() {
  let act: (() => void) | undefined;
  const armed = () =>
    new Promise<void>((resolve) => {
      const wait = (): void => (act === undefined ? void setImmediate(wait) : resolve());
      wait();
    });
  return {
    clock: {
      ...systemClock,
      after: (_: unknown, next: () => void) => {
        act = next;
        return () => {
          act = undefined;
        };
      },
    },
    look: async () => {
      await armed();
      const now = act;
      act = undefined;
      now?.();
      await armed();
    },
    isArmed: () => act !== undefined,
  };
}

it('tells of a change once, when the file has been left alone for a look', async () => {
  const file = path.join(folder, 'a');
  await writeFile(file, '1');
  const { clock, look } = handClock();
  let changes = 0;
  const stop = watchFiles(() => [file], {
    clock,
    every: 1,
    changed: () => {
      changes++;
    },
  });
  await look();
  await writeFile(file, '12');
  await look();
  expect(changes).toBe(0);
  await writeFile(file, '123');
  await look();
  expect(changes).toBe(0);
  await look();
  expect(changes).toBe(1);
  await look();
  expect(changes).toBe(1);
  stop();
});

it('sees files of a folder come and go, and a link turned to another folder', async () => {
  const { clock, look, isArmed } = handClock();
  await mkdir(path.join(folder, '1'));
  await mkdir(path.join(folder, '2'));
  await writeFile(path.join(folder, '1', 'a.yaml'), 'x');
  await writeFile(path.join(folder, '2', 'a.yaml'), 'x');
  const link = path.join(folder, 'data');
  await symlink('1', link);
  let changes = 0;
  const stop = watchFiles(() => [link], {
    clock,
    every: 1,
    changed: () => {
      changes++;
    },
  });
  const twice = async () => {
    await look();
    await look();
  };
  await twice();
  await writeFile(path.join(folder, '1', 'b.yaml'), 'x');
  await twice();
  expect(changes).toBe(1);
  await symlink('2', path.join(folder, 'next'));
  await rename(path.join(folder, 'next'), link);
  await twice();
  expect(changes).toBe(2);
  await rm(link);
  await twice();
  expect(changes).toBe(3);
  stop();
  expect(isArmed()).toBe(false);
});
