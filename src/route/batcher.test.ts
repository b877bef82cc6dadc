import { describe, expect, it } from 'vitest';
import { bytes, millis } from '../lib/units.ts';
import { Batcher } from './batcher.ts';
import { bytesOf } from './item.ts';
import { anItem } from './testing.ts';

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
