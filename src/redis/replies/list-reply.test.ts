import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementAt } from '../../lib/elements.ts';
import { RegionPool } from '../../lib/region-pool.ts';
import { type ListOutcome, ListReply } from './list-reply.ts';

/** As Redis writes it. */
function written(elements: readonly Uint8Array[]): Buffer {
  const parts = elements.flatMap((bytes) => [
    Buffer.from(`$${bytes.length}\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([Buffer.from(`*${elements.length}\r\n`), ...parts]);
}

/** What was given back is spoilt, and used again. */
const memory = new RegionPool({ given: (region) => region.fill(0xdd) });

/** What it makes of bytes that come in these pieces; the last piece may hold more than the answer. */
function taken(pieces: readonly Uint8Array[], bytes: number, most = 100) {
  const reply = new ListReply({ own: most, most, left: 0, bytes }, memory);
  for (const [index, piece] of pieces.entries()) {
    for (let at = 0; at < piece.length; ) {
      const room = reply.room();
      const size = Math.min(room.length, piece.length - at);
      room.set(piece.subarray(at, at + size));
      reply.wrote(size);
      at += size;
      const outcome = reply.outcome();
      if (outcome === undefined) continue;
      const rest = [reply.rest(), piece.subarray(at), ...pieces.slice(index + 1)];
      return { outcome, rest: Buffer.concat(rest) };
    }
  }
  return undefined;
}

function elementsIn(outcome: ListOutcome | undefined): readonly Buffer[] | undefined {
  if (outcome?.kind !== 'elements') return undefined;
  const { elements } = outcome;
  return Array.from({ length: elements.count }, (_, index) => elementAt(elements, index));
}

const areEqual = (
  some: readonly Uint8Array[] | undefined,
  others: readonly Uint8Array[],
): boolean =>
  some?.length === others.length &&
  some.every((one, index) => Buffer.compare(one, others[index] ?? one) === 0);

function cutAt(bytes: Buffer, at: number): readonly Buffer[] {
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

const samples = [
  [],
  [Buffer.from('one')],
  [Buffer.alloc(0), Buffer.from('\r\n$3\r\n*1\r\n'), Buffer.alloc(0)],
  [Buffer.alloc(99, 'a'), Buffer.alloc(100, 'b'), Buffer.alloc(2_000, 'c'), Buffer.from('d')],
];

describe('an answer to LRANGE', () => {
  it('is understood wherever it is cut in two, and what follows it is left for the next one', () => {
    for (const elements of samples) {
      const bytes = Buffer.concat([written(elements), Buffer.from('*7\r\n')]);
      for (let at = 0; at <= bytes.length; at++) {
        const { outcome, rest } = taken(cutAt(bytes, at), 20) ?? {};
        expect(areEqual(elementsIn(outcome), elements)).toBe(true);
        expect(rest?.toString()).toBe('*7\r\n');
      }
    }
  });

  it('is not whole before its last byte', () => {
    for (const elements of samples.slice(0, 3)) {
      const bytes = written(elements);
      for (let size = 0; size < bytes.length; size++)
        expect(taken([bytes.subarray(0, size)], 20)).toBeUndefined();
    }
  });

  it('is the same whatever its elements, its pieces, and the size of the region', () => {
    const element = fc.uint8Array({ maxLength: 300 });
    const anElements = fc.array(element, { maxLength: 20 });
    const cuts = fc.array(fc.nat({ max: 7_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(anElements, cuts, fc.nat({ max: 3_000 }), (elements, offsets, size) => {
        const bytes = written(elements);
        const places = [0, ...offsets.filter((at) => at < bytes.length), bytes.length];
        const sorted = places.toSorted((one, other) => one - other);
        const pieces = sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
        const { outcome, rest } = taken(pieces, size) ?? {};
        expect(areEqual(elementsIn(outcome), elements)).toBe(true);
        expect(rest).toHaveLength(0);
      }),
    );
  });

  it('is shared out, each share in a region of its own, wherever it is cut', () => {
    const elements = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 30 });
    const shares = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 8 });
    const step = fc.integer({ min: 1, max: 500 });
    fc.assert(
      fc.property(elements, shares, step, fc.nat({ max: 300 }), (all, sizes, cut, size) => {
        const asked = sizes.reduce((sum, own) => sum + own, 0);
        const coming = all.slice(0, asked);
        const bytes = Buffer.concat([written(coming), Buffer.from('*7\r\n')]);
        const found: Buffer[] = [];
        let [at, left] = [0, 0];
        let rest: Uint8Array = new Uint8Array(0);
        for (const [index, own] of sizes.entries()) {
          const most = index === 0 ? asked : undefined;
          const reply = new ListReply({ own, most, left, bytes: size }, memory);
          reply.put(rest);
          let outcome = reply.outcome();
          for (; outcome === undefined; outcome = reply.outcome()) {
            reply.put(bytes.subarray(at, at + cut));
            at += cut;
          }
          const part = elementsIn(outcome) ?? [];
          expect(part).toHaveLength(Math.min(own, Math.max(0, coming.length - found.length)));
          found.push(...part.map((one) => Buffer.from(one)));
          left = reply.left;
          rest = Uint8Array.from(reply.rest());
        }
        expect(areEqual(found, coming)).toBe(true);
        expect(Buffer.concat([rest, bytes.subarray(at)]).toString()).toBe('*7\r\n');
      }),
    );
  });

  it('may be put into the region from elsewhere', () => {
    const elements = samples[3] ?? [];
    const reply = new ListReply({ own: 4, most: 4, left: 0, bytes: 0 }, memory);
    for (const byte of written(elements)) {
      expect(reply.outcome()).toBeUndefined();
      reply.put(Uint8Array.of(byte));
    }
    expect(areEqual(elementsIn(reply.outcome()), elements)).toBe(true);
  });

  it('keeps no region that is mostly empty', () => {
    const { outcome } = taken([written([Buffer.from('small')])], 1_000_000) ?? {};
    const { region } = (outcome as { elements: { region: Buffer } }).elements;
    expect(region.buffer.byteLength).toBeLessThan(10_000);
  });

  it('may be an error, cut anywhere', () => {
    const bytes = Buffer.from('-MOVED 1 127.0.0.1:1\r\n*0\r\n');
    for (let at = 0; at <= bytes.length; at++) {
      const { outcome, rest } = taken(cutAt(bytes, at), 0) ?? {};
      expect(outcome).toEqual({ kind: 'refusal', line: 'MOVED 1 127.0.0.1:1' });
      expect(rest?.toString()).toBe('*0\r\n');
    }
  });

  it.each([
    ['+OK\r\n', 'a line'],
    [':1\r\n', 'a number'],
    ['$3\r\nabc\r\n', 'a text'],
    ['*-1\r\n', 'no list'],
    ['*101\r\n', 'more elements than were asked for'],
    ['*x\r\n', 'a length that is no number'],
    ['*1\n', 'a line that ends otherwise'],
    ['*\r\n', 'a length without digits'],
    ['*000000000001\r\n', 'too many digits'],
    ['*1\r\n$-1\r\n', 'a missing element'],
    ['*1\r\n:1\r\n', 'a number for an element'],
    ['*1\r\n$2\r\nabc\r\n', 'an element longer than its length'],
    ['*1\r\n$2147483648\r\n', 'an element that no region can hold'],
  ])('is not taken here: %j (%s)', (text) => {
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at++)
      expect(taken(cutAt(bytes, at), 0)?.outcome).toEqual({ kind: 'foreign' });
  });
});
