import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis } from '../../lib/units.ts';
import { bytesOf, type OutgoingBatch } from '../item.ts';
import { anItem } from '../testing/parts.testing.ts';
import { RetryQueue, type Room } from './retry-queue.ts';

const strictly = { mayExceed: false };
const room: Room = { records: 4, bytes: 1000 };

function batch(order: number, size: number, isAlone = false): OutgoingBatch {
  const items = Array.from({ length: size }, (_, index) => anItem({ index: order * 10 + index }));
  return { items, bytes: bytesOf(items), order, isAlone, suspicion: 0 };
}

const idsOf = (taken: OutgoingBatch | undefined) => taken?.items.map(({ id }) => id);

describe('the retry queue', () => {
  it('keeps batches until they are due', () => {
    const queue = new RetryQueue();
    queue.add(batch(1, 1), millis(50));
    queue.wake(millis(49));
    expect(queue.take(room, strictly)).toBeUndefined();
    queue.wake(millis(50));

    expect(queue.stockSince).toBe(50);
    expect(queue.take(room, strictly)?.order).toBe(1);
  });

  it('cuts full batches from what is due, oldest first', () => {
    const queue = new RetryQueue();
    queue.add(batch(2, 2), millis(10));
    queue.add(batch(1, 3), millis(20));
    queue.wake(millis(30));

    const first = queue.take(room, strictly);
    const second = queue.take(room, strictly);

    expect(idsOf(first)).toEqual(['1-1:10', '1-1:11', '1-1:20', '1-1:21']);
    expect(idsOf(second)).toEqual(['1-1:12']);
    expect([first?.bytes, second?.bytes]).toEqual([400, 100]);
  });

  it('never joins a batch that goes alone', () => {
    const queue = new RetryQueue();
    queue.add(batch(1, 1, true), millis(10));
    queue.add(batch(2, 1), millis(10));
    queue.wake(millis(10));

    expect(idsOf(queue.take(room, strictly))).toEqual(['1-1:20']);
    expect(idsOf(queue.takeAlone())).toEqual(['1-1:10']);
  });

  it('gives a record larger than the room only where it may exceed it', () => {
    const queue = new RetryQueue();
    queue.add(batch(1, 2), millis(0));
    queue.wake(millis(0));

    expect(queue.take({ records: 4, bytes: 50 }, strictly)).toBeUndefined();
    expect(idsOf(queue.take({ records: 4, bytes: 50 }, { mayExceed: true }))).toEqual(['1-1:10']);
  });

  it('knows how much waits, and for how long', () => {
    const queue = new RetryQueue();
    queue.add(batch(1, 3), millis(20));
    queue.add(batch(2, 1), millis(10));
    expect([queue.nextAt, queue.firstAt]).toEqual([10, 10]);
    queue.wake(millis(10));

    expect([queue.nextAt, queue.firstAt]).toEqual([20, 10]);
    expect(queue.stock).toEqual({ records: 1, bytes: 100 });
  });

  it('ends a pause early where a later attempt was taken, but not the wait of records alone', () => {
    const queue = new RetryQueue();
    const askedAt = millis(10);
    queue.add(batch(1, 2), millis(1000), { pause: { askedAt, backoffEndsAt: millis(30) } });
    queue.add(batch(2, 1), millis(2000), { pause: { askedAt, backoffEndsAt: undefined } });
    queue.add(batch(3, 1), millis(500));
    queue.endPauses(millis(10));
    expect([queue.pausedRecords, queue.pauseEndsAt, queue.nextAt]).toEqual([3, 2000, 500]);
    queue.endPauses(millis(11));

    expect([queue.pausedRecords, queue.pauseEndsAt, queue.nextAt]).toEqual([1, 2000, 30]);
    queue.wake(millis(2000));
    expect([queue.pausedRecords, queue.pauseEndsAt, queue.stock.records]).toEqual([
      0,
      undefined,
      4,
    ]);
  });

  it('gives every record once, in batches within the room', () => {
    const kinds = fc.record({
      size: fc.integer({ min: 1, max: 9 }),
      due: fc.nat(50),
      alone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(kinds, { maxLength: 30 }), (kept) => {
        const queue = new RetryQueue();
        for (const [order, { size, due, alone }] of kept.entries()) {
          const pause = { askedAt: millis(due - size), backoffEndsAt: millis(due - 1) };
          queue.add(batch(order, size, alone), millis(due), size > 4 ? { pause } : {});
        }
        const taken: (string | undefined)[] = [];
        for (let time = 0; time <= 50; time++) {
          queue.endPauses(millis(time));
          queue.wake(millis(time));
          for (;;) {
            const next = queue.take(room, strictly) ?? queue.takeAlone();
            if (next === undefined) break;
            if (!next.isAlone) expect(next.items.length).toBeLessThanOrEqual(room.records);
            expect(next.bytes).toBe(bytesOf(next.items));
            taken.push(...next.items.map(({ id }) => id));
          }
        }
        const all = kept.flatMap(({ size }, order) => batch(order, size).items.map(({ id }) => id));

        expect([...taken].sort()).toEqual(all.sort());
        expect([queue.firstAt, queue.pausedRecords]).toEqual([Infinity, 0]);
        expect(queue.stock).toEqual({ records: 0, bytes: 0 });
      }),
    );
  });
});
