import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { takeLock, tryLock } from './lock.ts';
import { aWorkshop, forever, type Workshop } from './testing.ts';

let shop: Workshop;
beforeEach(async () => {
  shop = await aWorkshop();
});
afterEach(() => shop.remove());

it('is held by one at a time, of many that want it, and leaves nothing', async () => {
  const path = `${shop.path}.lock`;
  let [inside, most, turns] = [0, 0, 0];
  const work = async (): Promise<void> => {
    for (let round = 0; round < 10; round++) {
      const lock = await takeLock(path, forever);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise(setImmediate);
      inside -= 1;
      turns += 1;
      await lock.release();
    }
  };

  await Promise.all(Array.from({ length: 8 }, work));

  expect([most, turns]).toEqual([1, 80]);
  expect(await readdir(shop.folder)).toEqual([]);
});

it('is not waited for where nobody wants to wait, nor after an abort', async () => {
  const path = `${shop.path}.lock`;
  const lock = await takeLock(path, forever);

  expect(await tryLock(path)).toBeUndefined();
  const abort = new AbortController();
  const waiting = takeLock(path, abort.signal);
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');

  await lock.release();
  const again = await tryLock(path);
  expect(again).toBeDefined();
  await again?.release();
});

it('is taken in a folder whose name is longer than an address may be', async () => {
  const folder = join(shop.folder, 'x'.repeat(120));
  await mkdir(folder);
  const path = join(folder, 'a.lock');

  const lock = await takeLock(path, forever);
  expect(await tryLock(path)).toBeUndefined();
  await lock.release();

  expect(await readdir(folder)).toEqual([]);
});

it('is not taken from what is no lock', async () => {
  const path = `${shop.path}.lock`;
  await writeFile(path, 'a file of somebody');

  const lock = await tryLock(path);

  // Nobody answers at it, as after a crash; it is a file of the lock's own name.
  expect(lock).toBeDefined();
  await lock?.release();
});
