import { expect, it } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import type { Lease } from '../purge/lease/lease.ts';
import { Mover } from './mover.ts';
import type { SpillingParts } from './parts.ts';
import { aRange } from './testing.ts';

const leaseOf = (segment: string): Lease => ({ id: '1-1', range: aRange({ segment, count: 1 }) });

it.each([
  { isHeld: false, given: ['too-large'] },
  { isHeld: true, given: [] },
])(
  'leaves a range that Redis cannot send to its route (held: $isHeld)',
  async ({ isHeld, given }) => {
    const released: string[] = [];
    const moved: string[] = [];
    const parts = {
      route: 'A',
      readRaw: ({ segment }: { segment: string }) =>
        Promise.resolve(segment === 'too-large' ? undefined : [Buffer.from('record')]),
      spill: { append: (found: readonly unknown[]) => Promise.resolve(found.map(() => ({}))) },
      leases: {
        release: (leases: readonly Lease[]) => {
          released.push(...leases.map(({ range }) => range.segment));
          return Promise.resolve();
        },
        settle: () => Promise.resolve(),
        isHeld: () => Promise.resolve(true),
      },
      meter: { spilled: () => undefined },
      clock: systemClock,
      log: silentLog,
    } as unknown as SpillingParts;
    const signal = AbortSignal.timeout(5000);
    const leases = [leaseOf('too-large'), leaseOf('small')];
    await new Mover(parts).move(leases, { signal, isHeld }, (lease) =>
      moved.push(lease.range.segment),
    );
    expect(moved).toEqual(['small']);
    expect(released).toEqual(given);
  },
);
