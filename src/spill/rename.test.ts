import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allDelivered, textsOf } from '../purge/testing.ts';
import { systemDisk } from './disk.ts';
import { renameSpilled, spillHolders } from './rename.ts';
import type { Spill } from './spill.ts';
import { aSpill, FakeStore, Mortal, scratch } from './testing.ts';

const to = 'NEW/b.c';
const { signal } = new AbortController();

describe('what waits on disk for a route with another name', () => {
  let root: string;
  let store: FakeStore;
  beforeEach(async () => {
    root = await scratch();
    store = new FakeStore();
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const renaming = (mortal?: Mortal) => ({
    ...{ disk: mortal?.disk ?? systemDisk, root, host: 'a-host', from: 'A', to },
  });

  /** Spills three ranges, and answers for the first. The process is still there. */
  async function life(): Promise<{ readonly spill: Spill; readonly end: () => Promise<void> }> {
    for (const text of ['a', 'b', 'c']) store.claim([text]);
    const mortal = new Mortal();
    const spill = await aSpill(root, store, { mortal });
    const leases = spill.between('A', { leases: store.leases(mortal), chunks: store.chunks });
    spill.relieve('A', 'analytics-test', '1800000000000-0');
    await leases.relieved();
    const [first] = await leases.take(1, signal);
    if (first !== undefined) await leases.settle(first, allDelivered(first));
    const end = async (): Promise<void> => {
      mortal.die();
      await spill.close();
    };
    return { spill, end };
  }

  async function leftFor(route: string): Promise<readonly string[]> {
    const spill = await aSpill(root, store, { routes: [route] });
    const leases = spill.between(route, {
      leases: store.leases(new Mortal()),
      chunks: store.chunks,
    });
    const texts: string[] = [];
    const records = spill.records(route);
    while (texts.length < records)
      for (const { range } of await leases.take(10, signal))
        texts.push(...textsOf((await leases.read(range, signal)).chunk));
    await spill.close();
    return texts;
  }

  it('is left alone while its instance lives', async () => {
    const { end } = await life();
    const { gone, held } = await spillHolders(renaming());
    await end();

    expect([gone.length, held.length]).toEqual([0, 1]);
    expect((await spillHolders(renaming())).gone).toEqual(held);
  });

  it('is all there afterwards, wherever the renaming was killed, and what was done stays done', async () => {
    let kills = 0;
    for (let at = 1; ; at++) {
      await rm(root, { recursive: true, force: true });
      root = await scratch();
      store = new FakeStore();
      await (await life()).end();
      const { gone } = await spillHolders(renaming());
      const mortal = new Mortal(at, at % 2 === 0 ? 'after' : 'before');
      await renameSpilled(renaming(mortal), gone).catch(() => undefined);
      if (mortal.isDead) kills++;
      await renameSpilled(renaming(), (await spillHolders(renaming())).gone);

      expect(await leftFor(to)).toEqual(['b', 'c']);
      expect(await spillHolders({ ...renaming(), to: 'OTHER' })).toMatchObject({ gone: [] });
      if (!mortal.isDead) break;
    }
    expect(kills).toBeGreaterThan(5);
  });
});
