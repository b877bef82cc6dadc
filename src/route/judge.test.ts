import { describe, expect, it } from 'vitest';
import { millis } from '../lib/units.ts';
import { Batch } from '../pump/batch.ts';
import { Delivery } from '../pump/delivery.ts';
import { delivered, type FailureKind, reject, retry, type Verdict } from '../pump/verdict.ts';
import { bytesOf, type Item, type OutgoingBatch } from './item.ts';
import { judge } from './judge.ts';
import { anItem } from './testing/parts.testing.ts';

const failure = (kind: FailureKind) => ({ kind, message: kind });
const batchOf = (items: readonly Item[], suspicion = 0): OutgoingBatch => ({
  items,
  bytes: bytesOf(items),
  order: 7,
  isAlone: suspicion > 0,
  suspicion,
});
const batch = (size: number, suspicion = 0): OutgoingBatch =>
  batchOf(
    Array.from({ length: size }, (_, index) => anItem({ index })),
    suspicion,
  );
const whole = ({ items }: OutgoingBatch, verdict: Verdict): Delivery =>
  Delivery.whole(Batch.of(items), verdict);
const each = ({ items }: OutgoingBatch, ...verdicts: readonly Verdict[]): Delivery =>
  Delivery.each(Batch.of(items), (_, index) => verdicts[index] ?? delivered());

describe('the verdicts of a batch', () => {
  it('send only the records again that asked for it', () => {
    const four = batch(4);
    const again = retry(failure('throttled'), millis(500));

    const result = judge(four, each(four, delivered(), again, reject(failure('invalid')), again));

    expect(result.delivered).toEqual([four.items[0]]);
    expect(result.rejected.map(({ item }) => item)).toEqual([four.items[2]]);
    expect(result.retries.flatMap((one) => one.batch.items)).toEqual([
      four.items[1],
      four.items[3],
    ]);
    expect(result.retries[0]?.after).toBe(500);
    expect(result.wholeFailure).toBeUndefined();
  });

  it('let a record of few attempts wait apart from one of many', () => {
    const three = batch(3);
    const [young, old] = three.items;
    if (old !== undefined) old.attempts = 5;
    const again = retry(failure('throttled'));

    const { retries } = judge(three, each(three, again, again, delivered()));

    expect(retries.map(({ attempts, batch: { items } }) => [attempts, items])).toEqual([
      [1, [young]],
      [5, [old]],
    ]);
  });

  it('halve a batch that is too large, to be sent at once', () => {
    const five = batch(5);

    const { retries } = judge(five, whole(five, retry(failure('oversize'))));

    expect(retries.map((one) => [one.batch.items.length, one.attempts])).toEqual([
      [3, 0],
      [2, 0],
    ]);
  });

  it('reject a single record that is too large', () => {
    const one = batch(1);

    expect(judge(one, whole(one, retry(failure('oversize')))).rejected).toHaveLength(1);
  });

  it('send a record alone that did not fit beside others', () => {
    const two = batch(2);

    const { retries, delivered: done } = judge(
      two,
      each(two, delivered(), retry(failure('oversize'))),
    );

    expect(done).toHaveLength(1);
    expect(retries.map((one) => [one.batch.items, one.batch.isAlone])).toEqual([
      [[two.items[1]], true],
    ]);
  });

  it('halve a batch that is rejected as a whole for being invalid', () => {
    const four = batch(4);

    const result = judge(four, whole(four, reject(failure('invalid'))));

    expect(result.rejected).toEqual([]);
    expect(result.retries.map((one) => one.batch.items.length)).toEqual([2, 2]);
  });

  it('believe a sink that rejects each record of a batch for itself', () => {
    const two = batch(2);

    const refused = reject(failure('invalid'));
    const result = judge(two, each(two, refused, refused));

    expect(result.rejected).toHaveLength(2);
  });

  it('believe what is said of one record beside what is said of the request', () => {
    const three = batch(3);
    const delivery = whole(three, retry(failure('unexpected')));

    const result = judge(three, delivery.except(1, reject(failure('invalid'))));

    expect(result.rejected.map(({ item }) => item)).toEqual([three.items[1]]);
    expect(result.retries.flatMap((one) => one.batch.items)).toHaveLength(2);
    expect(result.wholeFailure).toBeUndefined();
  });

  it.each<FailureKind>(['unexpected', 'timeout'])(
    'halve at the third whole failure: %s',
    (kind) => {
      const sizes = [0, 1, 2].map((suspicion) => {
        const four = batch(4, suspicion);
        return judge(four, whole(four, retry(failure(kind)))).retries.map(
          (one) => one.batch.items.length,
        );
      });

      expect(sizes).toEqual([[4], [4], [2, 2]]);
    },
  );

  it('halve a half at its next whole failure', () => {
    const four = batch(4, 2);
    const again = retry(failure('unexpected'));
    const [half] = judge(four, whole(four, again)).retries;

    const quarters = judge(half!.batch, whole(half!.batch, again)).retries;

    expect(quarters.map((one) => one.batch.items.length)).toEqual([1, 1]);
  });

  it('never halve while the server is unreachable', () => {
    const four = batch(4, 2);

    const { retries } = judge(four, whole(four, retry(failure('unreachable'))));

    expect(retries.map((one) => one.batch.items.length)).toEqual([4]);
  });

  it('go on with a lone record that keeps failing', () => {
    const one = batch(1, 9);

    const { retries } = judge(one, whole(one, retry(failure('unexpected'))));

    expect(retries.map(({ batch: { items, isAlone } }) => [items, isAlone])).toEqual([
      [one.items, true],
    ]);
  });
});
