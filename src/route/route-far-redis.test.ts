/** Leasing, reading and handing on when each of them takes long. */
import { describe, expect, it } from 'vitest';
import { settled } from '../lib/fake-clock.testing.ts';
import { bytes, millis } from '../lib/units.ts';
import type { Lease, Range, ReadRange } from '../purge/lease/lease.ts';
import { RouteBench, stopped } from './testing/bench.testing.ts';
import { FakeSink } from './testing/fake-sink.testing.ts';
import { FakeSource } from './testing/fake-source.testing.ts';
import { someRecords } from './testing/parts.testing.ts';

const roundTrip = millis(50);
const rangeBytes = 500_000;
const never = new AbortController().signal;

/** A source behind a long way; what was asked of it, and how much at a time. */
class FarSource extends FakeSource {
  readonly askedFor: number[] = [];
  readonly asked: string[] = [];
  readonly questions: string[] = [];
  mostReads = 0;
  /** Segments that take another round trip. */
  readonly slow = new Set<string>();
  readFailure: Error | undefined;
  takeFailure: Error | undefined;
  bench: RouteBench | undefined;
  #reads = 0;

  override async take(most: number, signal: AbortSignal): Promise<readonly Lease[]> {
    this.askedFor.push(most);
    await this.#way(millis(roundTrip / 2));
    if (this.takeFailure !== undefined) throw this.takeFailure;
    const taken = await super.take(most, signal);
    await this.#way(millis(roundTrip / 2));
    return taken;
  }

  override async read(range: Range, signal: AbortSignal): Promise<ReadRange> {
    this.asked.push(range.segment);
    this.#reads += 1;
    this.mostReads = Math.max(this.mostReads, this.#reads);
    await this.#way();
    if (this.slow.has(range.segment)) await this.#way();
    this.#reads -= 1;
    if (this.readFailure !== undefined) throw this.readFailure;
    return super.read(range, signal);
  }

  override async isHeld(lease: Lease): Promise<boolean> {
    this.questions.push(lease.id);
    await this.#way();
    return super.isHeld(lease);
  }

  async #way(time = roundTrip): Promise<void> {
    await this.bench?.clock.sleep(time, never);
  }
}

function aFarRoute(overrides: ConstructorParameters<typeof RouteBench>[1] = {}) {
  const source = new FarSource();
  const bench = new RouteBench(new FakeSink(), {
    leases: source,
    chunks: source,
    limits: { records: 1 },
    ...overrides,
  });
  source.bench = bench;
  const ids = (count: number) =>
    Array.from({ length: count }, () => source.add(someRecords(1), { rangeBytes }));
  return { source, bench, ids };
}

const deliveredSegments = ({ sink }: RouteBench): readonly string[] =>
  sink.batches.flatMap(({ entries }) => entries.map(({ id }) => id.replace(/:.*/, '')));

describe('a route far away from Redis', () => {
  it('has several ranges on their way, across the borders of what was leased together', async () => {
    const { source, bench, ids } = aFarRoute();
    const added = ids(200);
    const running = bench.start();
    await bench.clock.advance(1500);

    // One range a round trip would be 30 of them.
    expect(deliveredSegments(bench)).toEqual(added);
    expect(source.mostReads).toBeGreaterThan(4);
    await stopped(bench, running);
  });

  it('hands ranges on in the order of their leases, whichever arrives first', async () => {
    const { source, bench, ids } = aFarRoute();
    const added = ids(20);
    for (const [at, id] of added.entries()) if (at % 3 === 0) source.slow.add(id);
    const running = bench.start();
    await bench.clock.advance(3000);

    expect(deliveredSegments(bench)).toEqual(added);
    await stopped(bench, running);
  });

  it('holds no more than its bound while leases and ranges are on their way', async () => {
    const most = 8 * 2 ** 20;
    const { bench, ids } = aFarRoute({ inFlightBytes: bytes(most) });
    const added = ids(100);
    const running = bench.start();
    let held = 0;
    for (let at = 0; at < 300; at++) {
      await bench.clock.advance(10);
      held = Math.max(held, bench.heldBytes ?? 0);
    }

    expect(deliveredSegments(bench)).toEqual(added);
    expect(held).toBeLessThanOrEqual(most);
    await stopped(bench, running);
  });

  it('has few bytes under way at a time, whatever its bound', async () => {
    const { source, bench, ids } = aFarRoute();
    ids(400);
    const running = bench.start();
    await bench.clock.advance(3000);

    expect(source.mostReads * rangeBytes).toBeLessThanOrEqual(8 * 2 ** 20 + rangeBytes);
    await stopped(bench, running);
  });

  it('leases few at first, for others may want them, and more once it is as fast as that', async () => {
    const { source, bench, ids } = aFarRoute({ inFlightBytes: bytes(512 * 2 ** 20) });
    ids(1000);
    const running = bench.start();
    await bench.clock.advance(3000);

    expect(source.askedFor[0]).toBe(16);
    expect(Math.max(...source.askedFor)).toBeGreaterThan(16);
    await stopped(bench, running);
  });

  it('asks for few ranges where few arrive', async () => {
    const { source, bench, ids } = aFarRoute();
    for (const id of ids(40)) source.slow.add(id);
    const running = bench.start();
    // Each pair takes 100 ms: two and what arrived in twice that time.
    await bench.clock.advance(160);

    expect(source.asked.length).toBeLessThanOrEqual(4);
    await bench.clock.advance(10_000);
    await stopped(bench, running);
  });

  it('lets nothing wait for the question whose a vanished range is', async () => {
    const { source, bench, ids } = aFarRoute();
    const [ours = '', theirs = '', ...others] = ids(10);
    source.vanish(ours);
    source.vanish(theirs);
    source.takenOver.add(theirs);
    const running = bench.start();
    await bench.clock.advance(roundTrip * 2);
    await settled();

    expect(source.questions).toEqual([ours, theirs]);
    expect(source.settled).toEqual([]);
    await bench.clock.advance(5000);
    expect(deliveredSegments(bench)).toEqual(others);
    expect(source.settled.toSorted()).toEqual([ours, ...others].toSorted());
    expect(bench.records('vanished')).toBe(1);
    expect(await stopped(bench, running)).toEqual({ unsettled: 0 });
  });

  it.each([20, 40, 75, 110, 140])(
    'gives back all that is leased and not delivered when it is stopped after %i ms',
    async (after) => {
      const { source, bench, ids } = aFarRoute();
      const added = ids(40);
      const running = bench.start();
      await bench.clock.advance(after);
      bench.stop.abort();
      await bench.clock.advance(10_000);
      const { unsettled } = await running;

      const answered = [...source.settled, ...source.released];
      expect(answered.toSorted()).toEqual(added.slice(0, source.taken).toSorted());
      expect(unsettled).toBe(source.released.length);
    },
  );

  it.each(['readFailure', 'takeFailure'] as const)(
    'ends with what is wrong, and gives everything back: %s',
    async (stage) => {
      const { source, bench, ids } = aFarRoute();
      ids(100);
      const running = bench.start();
      const outcome = running.catch((error: unknown) => error);
      await bench.clock.advance(120);
      const broken = new Error('a promise of ours was broken');
      source[stage] = broken;
      await bench.clock.advance(10_000);

      expect(await outcome).toBe(broken);
      expect(source.released.length + source.settled.length).toBe(source.taken);
    },
  );
});
