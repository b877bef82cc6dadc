import { describe, expect, it } from 'vitest';
import { bytes, millis } from '../lib/units.ts';
import { bytesOf, type Parcel } from './item.ts';
import { RetryQueue } from './retry-queue.ts';
import { anItem } from './testing.ts';

const limits = { records: 4, bytes: bytes(1000), age: millis(100), inFlight: 1 };

function parcel(order: number, size: number, isAlone = false): Parcel {
  const items = Array.from({ length: size }, (_, index) => anItem({ index: order * 10 + index }));
  return { items, bytes: bytesOf(items), order, isAlone, suspicion: 0 };
}

describe('the retry queue', () => {
  it('keeps parcels until they are due', () => {
    const queue = new RetryQueue(limits);
    queue.add(parcel(1, 1), millis(50));

    expect(queue.take(millis(49))).toBeUndefined();
    expect(queue.take(millis(50))?.order).toBe(1);
  });

  it('regroups what is due, oldest first', () => {
    const queue = new RetryQueue(limits);
    queue.add(parcel(2, 2), millis(10));
    queue.add(parcel(1, 2), millis(20));
    queue.add(parcel(3, 1), millis(20));

    const first = queue.take(millis(30));

    expect(first?.items.map(({ id }) => id)).toEqual(['1-1:10', '1-1:11', '1-1:20', '1-1:21']);
    expect(queue.take(millis(30))?.order).toBe(3);
  });

  it('never joins a parcel that goes alone', () => {
    const queue = new RetryQueue(limits);
    queue.add(parcel(1, 1, true), millis(10));
    queue.add(parcel(2, 1), millis(10));

    expect(queue.take(millis(10))?.items).toHaveLength(1);
    expect(queue.take(millis(10))?.items).toHaveLength(1);
  });

  it('knows how much waits, and for how long', () => {
    const queue = new RetryQueue(limits);
    queue.add(parcel(1, 3), millis(20));
    queue.add(parcel(2, 1), millis(10));

    expect([queue.records, queue.nextAt]).toEqual([4, 10]);
  });
});
