import { beforeEach, describe, expect, it } from 'vitest';
import { bytes, millis } from '../../lib/units.ts';
import { bytesOf, type Item, type OutgoingBatch } from '../item.ts';
import { anItem } from '../testing/parts.testing.ts';
import { type Occasion, Outbox } from './outbox.ts';

const limits = { records: 10, bytes: bytes(10_000), age: millis(1000), inFlight: 4 };
const calm: Occasion = { isHurried: false, isProbe: false, isSingle: false };
const hurried: Occasion = { ...calm, isHurried: true };
const probe: Occasion = { ...calm, isProbe: true };
const [start, later] = [millis(0), millis(10_000)];
let waits = 0;
let outbox: Outbox;

beforeEach(() => {
  waits = 0;
  outbox = new Outbox({ limits, retryShare: 0.5, onRetriesWait: () => (waits += 1) });
});

const someItems = (count: number, size = 10): readonly Item[] =>
  Array.from({ length: count }, () => anItem({ size }));

const addFresh = (count: number, now = start): void => {
  outbox.add(someItems(count), count * 10, now);
};

function addRetry(count: number, { dueAt = start, size = 10, isAlone = false } = {}): void {
  const items = someItems(count, size);
  outbox.addRetry({ items, bytes: bytesOf(items), order: -1, isAlone, suspicion: 0 }, dueAt);
}

const retried = new WeakSet<Item>();
const countsOf = (batch: OutgoingBatch | undefined) =>
  batch && {
    fresh: batch.items.filter((item) => !retried.has(item)).length,
    retries: batch.items.filter((item) => retried.has(item)).length,
  };

/** As `addRetry`, but told apart from fresh records in `countsOf`. */
function addMarked(count: number): void {
  const items = someItems(count);
  for (const item of items) retried.add(item);
  outbox.addRetry({ items, bytes: bytesOf(items), order: -1, isAlone: false, suspicion: 0 }, start);
}

describe('an outbox', () => {
  it('lets a full batch leave, and a smaller one when it has waited or in a hurry', () => {
    addFresh(12);

    expect(outbox.take(start, calm)?.items).toHaveLength(10);
    expect(outbox.take(millis(999), calm)).toBeUndefined();
    expect(outbox.nextAt).toBe(1000);
    expect(outbox.take(millis(1000), calm)?.items).toHaveLength(2);
    addFresh(1, later);
    expect(outbox.take(later, hurried)?.items).toHaveLength(1);
  });

  it('sends retries along with fresh records', () => {
    addFresh(6);
    addMarked(6);

    expect(countsOf(outbox.take(start, calm))).toEqual({ retries: 6, fresh: 4 });
    expect(outbox.take(start, calm)).toBeUndefined();
    expect(outbox.freshRecords).toBe(2);
  });

  it('waits a moment for the company of other retries while the sink is busy', () => {
    addRetry(3);
    addRetry(3, { dueAt: millis(100) });

    expect(outbox.take(millis(199), calm)).toBeUndefined();
    expect(outbox.nextAt).toBe(200);
    expect(outbox.take(millis(200), calm)?.items).toHaveLength(6);
  });

  it('keeps retries to their share while fresh records could fill a batch, and counts when they wait', () => {
    addFresh(200);
    addMarked(200);
    const taken = Array.from({ length: 20 }, () => countsOf(outbox.take(start, calm)));
    const retries = taken.reduce((sum, counts) => sum + (counts?.retries ?? 0), 0);

    expect(retries).toBeGreaterThanOrEqual(100);
    expect(retries).toBeLessThanOrEqual(100 + 20);
    expect(waits).toBeGreaterThan(0);
  });

  it('lets retries go freely when only they are left', () => {
    addMarked(50);
    const taken = Array.from({ length: 5 }, () => countsOf(outbox.take(start, calm)));

    expect(taken).toEqual(Array.from({ length: 5 }, () => ({ retries: 10, fresh: 0 })));
    expect(outbox.take(start, calm)).toBeUndefined();
  });

  it('sends what is suspected alone, as often as the budget allows beside fresh batches', () => {
    addFresh(200);
    for (let batch = 0; batch < 20; batch++) addRetry(1, { isAlone: true });
    const sizes = Array.from({ length: 10 }, () => outbox.take(start, calm)?.items.length);

    expect(sizes).toEqual([1, 1, 10, 1, 10, 1, 10, 1, 10, 1]);
  });

  it('does not probe with what is suspected when it has something else', () => {
    addFresh(10);
    addRetry(1, { isAlone: true });

    expect(outbox.take(start, probe)?.items).toHaveLength(10);
    expect(outbox.take(start, probe)?.items).toHaveLength(1);
  });

  it('gives single records where one is enough, those first that were not refused yet', () => {
    const single: Occasion = { ...probe, isSingle: true };
    addFresh(2);
    addRetry(2, { size: 20 });
    addRetry(2, { size: 30, isAlone: true });
    const taken = Array.from({ length: 7 }, () => outbox.take(start, single));

    expect(taken.map((batch) => batch?.bytes)).toEqual([10, 10, 20, 20, 30, 30, undefined]);
  });

  it('gives a retry larger than a batch its turn while fresh records go on', () => {
    addRetry(1, { size: 20_000 });
    const sizes: (number | undefined)[] = [];
    for (let turn = 0; turn < 6; turn++) {
      addFresh(5, later);
      sizes.push(outbox.take(later, hurried)?.bytes);
    }

    expect(sizes).toContain(20_000);
  });
});
