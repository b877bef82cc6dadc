import { expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import type { Lease } from '../purge/lease/lease.ts';
import { MemoryLeases } from '../purge/memory/memory-leases.ts';
import { aList } from '../purge/testing.ts';
import { timedLeases } from './timed-leases.ts';

const nothing = (): void => undefined;
const tally = { delivered: 1, rejected: 0, filtered: 0, vanished: 0, spilled: 0 };

it('says how long after its claim each range was answered for', async () => {
  const clock = new FakeClock(10_000);
  const settled: Lease[] = [];
  const inner = new MemoryLeases(clock, {
    ...{ onLent: nothing, onReleased: nothing },
    onSettled: (lease) => settled.push(lease),
  });
  const times: number[] = [];
  const leases = timedLeases(inner, clock, (time) => times.push(time));
  const range = { list: aList(), segment: 's', start: 0, count: 1, bytes: 1, claimedAt: 9_000 };
  inner.offer({ id: '1-1', range });
  // By a clock of Redis that is ahead of ours.
  inner.offer({ id: '1-2', range: { ...range, claimedAt: 99_000 } });

  const taken = await leases.take(2, new AbortController().signal);
  await clock.advance(500);
  for (const lease of taken) await leases.settle(lease, tally);

  expect(times).toEqual([1_500, 0]);
  expect(settled).toEqual(taken);
});
