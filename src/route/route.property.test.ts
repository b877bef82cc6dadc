import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, millis } from '../lib/units.ts';
import type { Batch } from '../pump/batch.ts';
import { Delivery } from '../pump/delivery.ts';
import { delivered, type FailureKind, reject, retry, type Verdict } from '../pump/verdict.ts';
import { RouteBench } from './testing/bench.testing.ts';
import { FakeSink, hanging } from './testing/fake-sink.testing.ts';
import { aFakeRecord, aPumpEntry } from './testing/parts.testing.ts';

const kind = fc.constantFrom<FailureKind>(
  'unreachable',
  'timeout',
  'throttled',
  'invalid',
  'oversize',
  'unexpected',
);
const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.constant(delivered()),
  fc
    .tuple(kind, fc.option(fc.nat(5000), { nil: undefined }))
    .map(([of, after]) =>
      retry({ kind: of, message: of }, after === undefined ? undefined : millis(after)),
    ),
  kind.map((of) => reject({ kind: of, message: of })),
);
/** What the sink does at one call; after the last of them it delivers everything. */
const act = fc.oneof(
  fc
    .array(verdict, { minLength: 1, maxLength: 5 })
    .map((verdicts) => ({ as: 'each' as const, verdicts })),
  verdict.map((one) => ({ as: 'whole' as const, verdicts: [one] })),
  fc.constant({ as: 'throw' as const, verdicts: [] }),
  fc.constant({ as: 'hang' as const, verdicts: [] }),
);
const range = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 30 }),
  undecodableAt: fc.nat(40),
  filteredAt: fc.nat(40),
});

describe('every record', () => {
  it('is answered exactly once and every range settled exactly once, whatever the sink does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(range, { minLength: 1, maxLength: 8 }),
        fc.array(act, { maxLength: 30 }),
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 }),
        async (ranges, acts, chances) => {
          const { bench, repeated, spoilt } = benchOf(acts);
          let turn = 0;
          bench.clock.chance = () => chances[turn++ % chances.length] ?? 0;
          const counts = { filtered: 0, undecodable: 0, all: 0 };
          for (const { sizes, undecodableAt, filteredAt } of ranges) {
            counts.all += sizes.length;
            bench.source.add(
              sizes.map((size, index) => {
                if (index === undecodableAt) {
                  counts.undecodable += 1;
                  return undefined;
                }
                const isNoise = index === filteredAt;
                if (isNoise) counts.filtered += 1;
                return aFakeRecord({ size, apiId: isNoise ? 'noisy' : 'api' });
              }),
            );
          }
          const running = bench.start();
          await bench.clock.advance(3_600_000);
          bench.stop.abort();
          await bench.clock.advance(10_000);

          expect(await running).toEqual({ unsettled: 0 });
          expect(repeated).toEqual([]);
          expect(spoilt()).toEqual([]);
          expect(new Set(bench.source.letGo).size).toBe(bench.source.letGo.length);
          expect(bench.source.settled).toHaveLength(ranges.length);
          expect(new Set(bench.source.settled).size).toBe(ranges.length);
          expect(bench.records('filtered')).toBe(counts.filtered);
          const rejected = bench.records('rejected');
          expect(bench.letters.letters.size).toBe(rejected);
          expect(bench.records('delivered') + rejected + counts.filtered).toBe(counts.all);
          expect(bench.heldBytes).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);
});

/**
 * A route whose sink acts as told; `repeated` are the records it was given after it had taken them, `spoilt` those whose
 * memory was let go of while somebody might read it: the sink, also one that goes on after it was given up, or a letter.
 */
function benchOf(
  acts: readonly { as: 'each' | 'whole' | 'throw' | 'hang'; verdicts: readonly Verdict[] }[],
): {
  readonly bench: RouteBench;
  readonly repeated: readonly string[];
  readonly spoilt: () => readonly string[];
} {
  const claimed = new Set<string>();
  const repeated: string[] = [];
  const early: string[] = [];
  /** Given to the sink, and not answered for in an orderly way. */
  const kept: Batch[] = [];
  let call = 0;
  const sink = new FakeSink((batch, signal) => {
    const now = acts[call++];
    early.push(...spoiltIn(batch));
    if (now?.as === 'throw' || now?.as === 'hang') kept.push(batch);
    switch (now?.as) {
      case 'each':
        return answer(
          Delivery.each(batch, (_, at) => now.verdicts[at % now.verdicts.length] ?? delivered()),
          batch,
        );
      case 'whole':
        return answer(Delivery.whole(batch, now.verdicts[0] ?? delivered()), batch);
      case 'throw':
        throw new Error('a bug');
      case 'hang':
        return hanging(batch, signal);
      case undefined:
        return answer(Delivery.whole(batch, delivered()), batch);
    }
  });
  /** A record that the sink took must never come again: nothing crashed. */
  function answer(delivery: Delivery, batch: Batch): Promise<Delivery> {
    for (const [index, { id }] of batch.entries.entries()) {
      if (claimed.has(id)) repeated.push(id);
      if (delivery.verdicts[index]?.outcome === 'delivered') claimed.add(id);
    }
    return Promise.resolve(delivery);
  }
  const filters = { ...aPumpEntry().filters, skipApiIds: ['noisy'] };
  const bench = new RouteBench(sink, {
    entry: aPumpEntry({ filters }),
    limits: { records: 7, bytes: bytes(1500), inFlight: 3 },
    inFlightBytes: bytes(20_000),
  });
  const spoilt = (): readonly string[] => [
    ...early,
    ...kept.flatMap(spoiltIn),
    ...[...bench.letters.letters.values()]
      .filter(({ bytes }) => isSpoilt(bytes))
      .map(({ id }) => id),
  ];
  return { bench, repeated, spoilt };
}

const isSpoilt = (bytes: Uint8Array): boolean => bytes[0] === 0xdd;
const spoiltIn = (batch: Batch): readonly string[] =>
  batch.entries.filter(({ record }) => isSpoilt(record.bytes)).map(({ id }) => id);
