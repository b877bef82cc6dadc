import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, millis } from '../../lib/units.ts';
import { bytesOf, type Item } from '../item.ts';
import { anItem } from '../testing/parts.testing.ts';
import { Batcher } from './batcher.ts';

const limits = { records: 3, bytes: bytes(1000), age: millis(100), inFlight: 1 };
const items = (count: number, size = 100) => Array.from({ length: count }, () => anItem({ size }));

function filled(...groups: ReturnType<typeof items>[]): Batcher {
  const batcher = new Batcher(limits);
  for (const [index, group] of groups.entries()) batcher.add(group, bytesOf(group), millis(index));
  return batcher;
}

describe('a batcher', () => {
  it('cuts batches by number, across groups', () => {
    const batcher = filled(items(2), items(2), items(1));

    expect(
      [batcher.take(), batcher.take(), batcher.take()].map((one) => one?.items.length),
    ).toEqual([3, 2, undefined]);
  });

  it('cuts batches by bytes', () => {
    const batcher = filled(items(3, 600));

    expect(batcher.take()?.bytes).toBe(600);
    expect(batcher.size).toBe(2);
  });

  it('lets go of what came from an origin, and of nothing else, however a group was cut', () => {
    const [one, two, three] = [items(2), items(4), items(3)];
    const batcher = filled(one, [...two, ...three]);
    batcher.take();
    const origin = (of: readonly Item[]) => of.map((item) => item.origin);
    expect([...batcher.origins.values()].reduce((sum, count) => sum + count, 0)).toBe(6);

    batcher.drop(new Set(origin(two)));

    expect(batcher.size).toBe(3);
    expect(batcher.bytes).toBe(300);
    expect(batcher.take()?.items).toEqual(three);
    expect(batcher.take()).toBeUndefined();
  });

  it('knows what is left, however its groups were cut', () => {
    const limits = { records: 7, bytes: bytes(1000), age: millis(100), inFlight: 1 };
    const sizes = fc.array(fc.integer({ min: 1, max: 1_200 }), { maxLength: 9 });
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 6 }), (groups) => {
        const batcher = new Batcher(limits);
        const all = groups.map((group) => group.map((size) => anItem({ size })));
        for (const group of all) batcher.add(group, bytesOf(group), millis(0));
        const left = all.flat();
        for (let batch = batcher.take(); batch !== undefined; batch = batcher.take()) {
          expect(batch.items).toEqual(left.splice(0, batch.items.length));
          expect(batch.bytes).toBe(bytesOf(batch.items));
          expect([batcher.size, batcher.bytes]).toEqual([left.length, bytesOf(left)]);
          // As large as it may be, and no larger.
          const next = left[0]?.size ?? Infinity;
          expect(batch.items.length === limits.records || batch.bytes + next > limits.bytes).toBe(
            true,
          );
          expect(batch.items.length === 1 || batch.bytes <= limits.bytes).toBe(true);
        }
        expect(left).toEqual([]);
      }),
    );
  });

  it('lets a record larger than the limit go alone', () => {
    const batcher = filled([anItem({ size: 5000 }), anItem({ size: 10 })]);

    expect(batcher.take()?.bytes).toBe(5000);
    expect(batcher.take()?.bytes).toBe(10);
  });

  it('gives its youngest record, down to the last, whatever left before', () => {
    const [first, second] = [items(4), items(1)];
    const batcher = filled(first, second);
    batcher.take();
    const taken = [batcher.takeLast(), batcher.takeLast(), batcher.takeLast()];

    expect(taken.map((one) => one?.items[0])).toEqual([second[0], first[3], undefined]);
    expect([batcher.size, batcher.bytes, batcher.take()]).toEqual([0, 0, undefined]);
    batcher.add(items(2), 200, millis(9));
    expect(batcher.take()?.items).toHaveLength(2);
  });

  it('is full at the number or the bytes of a batch', () => {
    expect(filled(items(2)).isFull).toBe(false);
    expect(filled(items(3)).isFull).toBe(true);
    expect(filled(items(1, 1000)).isFull).toBe(true);
  });

  it('knows since when its oldest record waits', () => {
    const batcher = filled(items(3), items(1));

    expect(batcher.oldestAt).toBe(0);
    batcher.take();
    expect(batcher.oldestAt).toBe(1);
    batcher.take();
    expect(batcher.oldestAt).toBeUndefined();
  });
});
