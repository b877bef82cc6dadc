import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { GcPauses, watchGc } from './gc-pauses.ts';

describe('pauses of garbage collection', () => {
  it.each([
    [[], [0, 0, 0, 0, 0]],
    [[7], [7, 7, 7, 7, 7]],
    [
      [30, 10, 20, 40],
      [10, 20, 30, 40, 40],
    ],
    [
      [5, 1, 9, 3, 7],
      [1, 3, 5, 7, 9],
    ],
  ])('of %j have the quantiles %j', (pauses, expected) => {
    const all = new GcPauses();
    all.add(pauses);
    expect(all.quantiles()).toEqual(expected);
  });

  it('are the last 256', () => {
    const all = new GcPauses();
    all.add([1_000_000]);
    all.add(Array.from({ length: 256 }, (_, at) => at + 1));
    expect(all.quantiles()).toEqual([1, 65, 129, 193, 256]);
  });

  it('are heard of in nanoseconds, until they are not', async () => {
    const heard: number[] = [];
    const unwatch = watchGc((pauses) => heard.push(...pauses));
    while (heard.length === 0) {
      // Garbage, so that there is something to collect.
      Array.from({ length: 100_000 }, (_, at) => ({ at }));
      await turn();
    }
    unwatch();

    expect(heard.every((pause) => Number.isSafeInteger(pause) && pause > 0)).toBe(true);
  });
});
