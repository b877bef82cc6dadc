import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { unlessAborted } from '../lib/waiting.ts';
import { allDelivered, textsOf } from '../purge/testing.ts';
import type { Spill } from './spill.ts';
import { aSpill, FakeStore, Mortal, scratch } from './testing.ts';

const ranges = 3;
const perRange = 2;

describe('a process that dies at any of its disk operations', () => {
  /** Ends a life without giving anything back: only the kernel closes its lock. */
  async function bury(spill: Spill | undefined, mortal: Mortal): Promise<void> {
    mortal.die();
    await spill?.close();
  }

  /** Holds two ranges unanswered, has all spilled, then delivers `deliveries` of them. */
  async function life(
    root: string,
    store: FakeStore,
    sink: string[],
    mortal: Mortal,
    { relieves, deliveries }: { readonly relieves: boolean; readonly deliveries: number },
  ): Promise<void> {
    let spill: Spill | undefined;
    try {
      spill = await aSpill(root, store, { mortal });
      const leases = spill.between('A', { leases: store.leases(mortal), chunks: store.chunks });
      const { signal } = mortal;
      const held = relieves ? [...(await leases.take(2, signal))] : [];
      if (relieves) {
        spill.relieve('A', 'analytics-test', '1800000000000-0');
        // A dead process waits for nothing, while its relief goes on asking Redis.
        await unlessAborted(leases.relieved(), undefined, signal);
      }
      for (let count = 0; count < deliveries; ) {
        mortal.guard();
        if (held.length === 0 && store.unsettled.size === 0 && spill.records('A') === 0) break;
        const some = held.length > 0 ? held.splice(0, 1) : await leases.take(1, signal);
        for (const lease of some) {
          const { chunk, vanished } = await leases.read(lease.range, signal);
          mortal.guard();
          expect(vanished).toBe(0);
          sink.push(...textsOf(chunk));
          await leases.settle(lease, allDelivered(lease));
          count++;
        }
      }
    } catch (error) {
      if (!mortal.isDead) throw error;
    } finally {
      await bury(spill, mortal);
    }
  }

  function claims(store: FakeStore, expected: Set<string>): void {
    for (let range = 0; range < ranges; range++) {
      const texts = Array.from(
        { length: perRange },
        () => `record-${expected.size + Math.random()}`,
      );
      for (const text of texts) expected.add(text);
      store.claim(texts);
    }
  }

  async function story(dieAt: number, how: 'before' | 'after' | 'within') {
    // A folder of its own: what an earlier story left would shift the operations of this one.
    const root = await scratch();
    const store = new FakeStore();
    const expected = new Set<string>();
    const sink: string[] = [];
    claims(store, expected);
    await life(root, store, sink, new Mortal(), { relieves: true, deliveries: 2 });
    claims(store, expected);
    // Takes over what the first left, spills more, delivers some, and dies on the way.
    const mortal = new Mortal(dieAt, how);
    await life(root, store, sink, mortal, { relieves: true, deliveries: 5 });
    await life(root, store, sink, new Mortal(), { relieves: false, deliveries: 1000 });
    const arrived = new Set(sink);
    await rm(root, { recursive: true, force: true });
    return {
      lost: [...expected].filter((text) => !arrived.has(text)).length,
      invented: [...arrived].filter((text) => !expected.has(text)).length,
      operations: mortal.operations,
    };
  }

  it('loses nothing and invents nothing', { timeout: 120_000 }, async () => {
    const { operations, ...whole } = await story(Number.POSITIVE_INFINITY, 'before');
    expect(whole).toEqual({ lost: 0, invented: 0 });
    expect(operations).toBeGreaterThan(30);
    for (let dieAt = 1; dieAt <= operations; dieAt++) {
      // Side by side: most of a story is waiting for the disk.
      const tell = async (how: 'before' | 'within' | 'after') => {
        const { lost, invented } = await story(dieAt, how);
        expect({ dieAt, how, lost, invented }).toEqual({ dieAt, how, lost: 0, invented: 0 });
      };
      await Promise.all([tell('before'), tell('within'), tell('after')]);
    }
  });
});
