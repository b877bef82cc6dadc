import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordFiles, recordFixtures } from '../../../../test/fixtures/records.ts';
import { type Elements, elementAt, elementsOf } from '../../../lib/elements.ts';
import { fieldsOf, mutate, mutation, samplesOf } from '../../arbitrary.testing.ts';
import { encodeMsgpack } from '../../encode/msgpack.ts';
import { slotCount } from '../../slots.ts';
import { msgpackDecoder } from '../decoder.ts';
import { scanUsual } from '../usual.ts';
import { openRangeScanner, type RangeScanner } from './range-scanner.ts';

function scanner(): RangeScanner {
  const opened = openRangeScanner();
  if (opened === undefined) throw new Error('this runtime has no WebAssembly');
  return opened;
}

const usual = encodeMsgpack({ path: '/usual', tags: ['a', 'b'] });
/** As many as a range must have to be scanned so. */
const enough = Array.from({ length: 32 }, () => usual);

/** In a table that held something else. */
function scanned(elements: Elements): {
  readonly slots: Int32Array;
  readonly left: ReadonlySet<number>;
} {
  const slots = new Int32Array(elements.count * slotCount).fill(-7);
  const left = scanner().scan(elements, slots);
  expect(left).toBeDefined();
  return { slots, left: new Set(left) };
}

/** What it takes the scanner of usual records takes too, with the same places; of what it leaves it says nothing. Gives what it left. */
function expectAgreement(parts: readonly Buffer[]): ReadonlySet<number> {
  const elements = elementsOf([...parts, ...enough]);
  const { slots, left } = scanned(elements);
  const { region, count, places } = elements;
  const view = new DataView(region.buffer);
  const alone = new Int32Array(slotCount);
  for (let index = 0; index < count; index++) {
    const row = slots.subarray(index * slotCount, (index + 1) * slotCount);
    alone.fill(0);
    const [origin, size] = [places[2 * index] as number, places[2 * index + 1] as number];
    if (!left.has(index) && !scanUsual({ region, view }, origin, size, alone, 0))
      expect.fail(`took what is unusual: ${elementAt(elements, index).toString('base64')}`);
    // There are very many of them.
    if (!row.every((at, slot) => at === alone[slot])) expect(row).toEqual(alone);
  }
  expect([...left].filter((index) => index >= parts.length)).toEqual([]);
  return left;
}

const fixtures = recordFiles
  .flatMap((file) => recordFixtures(file))
  .filter(({ encoding }) => encoding === 'msgpack');

const changes = fc.array(mutation, { maxLength: 3 });

describe('the scanner of ranges', () => {
  it('takes what gateways write', () => {
    const written = fixtures.filter(({ isHandmade, json }) => !isHandmade && json !== undefined);

    expect(written.length).toBeGreaterThan(100);
    const left = expectAgreement(written.map(({ bytes }) => bytes));
    // A list of more than 15 has a size of its own.
    expect([...left].map((index) => written[index]?.name)).toEqual(['tags-many']);
  });

  it('agrees with the scanner of one about every fixture, and about samples cut at every offset', () => {
    expectAgreement(fixtures.map(({ bytes }) => bytes));
    for (const sample of samplesOf({ name: 'msgpack' }))
      expectAgreement(Array.from(sample, (_, size) => sample.subarray(0, size)));
  });

  it('agrees with it about samples with each byte changed into what begins something else', () => {
    for (const sample of [encodeMsgpack({}), ...samplesOf({ name: 'msgpack' }).slice(0, 6)]) {
      for (const byte of [0x00, 0x01, 0x80, 0x8f, 0x92, 0x9f, 0xa1, 0xc0, 0xc3, 0xd9, 0xda, 0xde])
        expectAgreement(Array.from(sample, (_, at) => withByte(sample, at, byte)));
    }
  });

  it('agrees with it about random records and changed ones', () => {
    const random = fc.tuple(fieldsOf, changes);
    fc.assert(
      fc.property(fc.array(random, { maxLength: 8 }), (records) => {
        expectAgreement(
          records.map(([fields, mutations]) => mutate(encodeMsgpack(fields), mutations)),
        );
      }),
      { numRuns: 200 },
    );
    const sampled = fc.tuple(fc.constantFrom(...samplesOf({ name: 'msgpack' })), changes);
    fc.assert(
      fc.property(fc.array(sampled, { maxLength: 20 }), (records) => {
        expectAgreement(records.map(([sample, mutations]) => mutate(sample, mutations)));
      }),
      { numRuns: 200 },
    );
  });

  it('takes more records than there is room for at a time, and more bytes', () => {
    const many = elementsOf(Array.from({ length: 5_000 }, () => usual));
    expect(scanned(many).left.size).toBe(0);

    const fat = encodeMsgpack({ path: '/fat', user_agent: 'x'.repeat(3_000) });
    const wide = elementsOf(Array.from({ length: 1_000 }, () => fat));
    const { slots, left } = scanned(wide);
    expect(left.size).toBe(0);
    const first = slots.subarray(0, slotCount);
    const others = Array.from({ length: 999 }, (_, index) =>
      slots.subarray((index + 1) * slotCount, (index + 2) * slotCount),
    );
    expect(others.filter((row) => !row.every((at, slot) => at === first[slot]))).toEqual([]);
  });

  it('leaves one that is larger than its memory, and takes those around it', () => {
    const huge = encodeMsgpack({ raw_request: 'x'.repeat(1_100_000) });
    const small = Array.from({ length: 600 }, () => usual);

    expect([...expectAgreement([usual, huge, ...small])]).toEqual([1]);
  });

  it('leaves ranges of few records and of large ones alone', () => {
    const slots = new Int32Array(32 * slotCount).fill(-7);
    const large = encodeMsgpack({ raw_request: 'x'.repeat(10_000) });

    expect(scanner().scan(elementsOf(enough.slice(1)), slots)).toBeUndefined();
    expect(scanner().scan(elementsOf(enough.map(() => large)), slots)).toBeUndefined();
    expect(slots.some((slot) => slot !== -7)).toBe(false);
  });

  it('takes elements in any order, as a region may have them', () => {
    const elements = elementsOf(enough.map((_, index) => encodeMsgpack({ path: `/${index}` })));
    const places = new Int32Array(elements.places.length);
    for (let index = 0; index < elements.count; index++) {
      const other = elements.count - 1 - index;
      places.set(elements.places.subarray(2 * other, 2 * other + 2), 2 * index);
    }

    const chunk = msgpackDecoder.scan({ ...elements, places });
    const paths = enough.map((_, index) => chunk.record(index)?.text('path'));

    expect(paths).toEqual(enough.map((_, index) => `/${31 - index}`));
  });
});

function withByte(sample: Buffer, at: number, byte: number): Buffer {
  const changed = Buffer.from(sample);
  changed[at] = byte;
  return changed;
}

describe('a chunk of many records', () => {
  it('has those that the scanner of ranges left, and tells which are none', () => {
    const odd = Buffer.concat([Buffer.of(0x81, 0xa4), Buffer.from('Path'), Buffer.of(0xa2, 0x2f)]);
    const reversed = Buffer.concat([
      ...[Buffer.of(0x82, 0xa5), Buffer.from('Alias'), Buffer.of(0xa1, 0x61)],
      ...[Buffer.of(0xa4), Buffer.from('Path'), Buffer.of(0xa1, 0x2f)],
    ]);

    const chunk = msgpackDecoder.scan(elementsOf([...enough, odd, ...enough, reversed]));

    expect(chunk.undecodable).toEqual([
      { index: 32, bytes: odd, reason: 'the record is cut short' },
    ]);
    expect(chunk.record(32)).toBeUndefined();
    expect(chunk.record(31)?.text('path')).toBe('/usual');
    expect(chunk.record(33)?.list('tags')).toEqual(['a', 'b']);
    expect(chunk.record(65)?.text('path')).toBe('/');
    expect(chunk.record(65)?.text('alias')).toBe('a');
  });
});
