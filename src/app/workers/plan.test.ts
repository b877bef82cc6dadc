import { describe, expect, it } from 'vitest';
import { bytes } from '../../lib/units.ts';
import { someBounds } from '../../purge/parts.testing.ts';
import { planThreads, workersFor } from './plan.ts';

interface Wished {
  readonly inFlight?: number;
  readonly workers?: 'any' | 'one';
}

const aPump = (name: string, { inFlight = 4, workers = 'any' }: Wished = {}) => ({
  entry: { name },
  pump: { workers },
  limits: { inFlight },
});

const bounds = someBounds({
  inFlightBytes: bytes(1200),
  cacheBytes: bytes(900),
  spillBytes: bytes(90),
});
const plan = (workers: number, ...pumps: readonly ReturnType<typeof aPump>[]) =>
  planThreads({ pumps, workers, bounds });
const threadsOf = ({ main, workers }: ReturnType<typeof plan>) =>
  [main, ...workers].map((thread) => thread.map(({ route }) => route).join(' '));

describe('the number of workers', () => {
  it.each([
    [undefined, 1, 1],
    [undefined, 2, 1],
    [undefined, 8, 7],
    [3, 1, 3],
    [1, 8, 1],
  ])('asked for %s on %i cores is %i', (wanted, cores, expected) => {
    expect(workersFor(wanted, cores)).toBe(expected);
  });
});

describe('planThreads', () => {
  it('leaves everything whole in the main thread where there is one', () => {
    const all = plan(1, aPump('A'), aPump('B', { inFlight: 2 }));
    expect(threadsOf(all)).toEqual(['A B']);
    expect(all.main).toMatchObject([
      { inFlight: 4, inFlightBytes: 1200, retriesLetters: true },
      { inFlight: 2, inFlightBytes: 1200, retriesLetters: true },
    ]);
    expect([all.cacheBytes, all.spillBytes]).toEqual([900, 90]);
  });

  it('keeps a pump that is one thing in the main thread', () => {
    expect(threadsOf(plan(2, aPump('ONE', { workers: 'one' }), aPump('ANY')))).toEqual([
      'ONE',
      'ANY',
      'ANY',
    ]);
  });

  it('starts no thread for which there is nothing to do', () => {
    expect(plan(3, aPump('ONE', { workers: 'one' })).workers).toEqual([]);
    expect(threadsOf(plan(3, aPump('A', { inFlight: 1 })))).toEqual(['', 'A']);
  });

  it('spreads routes that may run in few threads only', () => {
    const few = plan(3, aPump('A', { inFlight: 1 }), aPump('B', { inFlight: 1 }));
    expect(threadsOf(few)).toEqual(['', 'A', 'B']);
  });

  it('divides what a process may have, and not a batch more', () => {
    const shared = plan(3, aPump('ANY'), aPump('ONE', { workers: 'one' }));
    const any = shared.workers.flat();
    expect(any.map(({ inFlight }) => inFlight)).toEqual([1, 1, 2]);
    expect(any.map(({ inFlightBytes }) => inFlightBytes)).toEqual([400, 400, 400]);
    expect(any.filter(({ retriesLetters }) => retriesLetters)).toHaveLength(1);
    expect([shared.cacheBytes, shared.spillBytes]).toEqual([225, 22]);
  });
});
