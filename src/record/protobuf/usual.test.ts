import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordFiles, recordFixtures } from '../../../test/fixtures/records.ts';
import { fieldsOf, mutate, mutation, samplesOf } from '../arbitrary.testing.ts';
import type { Region } from '../chunk.ts';
import { encodeProtobuf } from '../encode/protobuf.ts';
import { protobufSlotCount } from './layout.ts';
import { Scanner } from './scan.ts';
import { scanUsual } from './usual.ts';

const regionOf = ({ buffer }: Buffer): Region => ({
  region: Buffer.from(buffer),
  view: new DataView(buffer),
});

const isUsual = (bytes: Buffer, slots = new Int32Array(protobufSlotCount)): boolean =>
  scanUsual(regionOf(bytes), bytes.byteOffset, bytes.length, slots, 0);

const scanner = new Scanner();

/** What one scanner accepts the other accepts too, with the same places. */
function expectAgreement(bytes: Buffer): void {
  const usual = new Int32Array(protobufSlotCount);
  const general = new Int32Array(protobufSlotCount);
  if (!isUsual(bytes, usual)) return;
  expect(scanner.scan(regionOf(bytes), bytes.byteOffset, bytes.length, general, 0)).toBeUndefined();
  expect(usual).toEqual(general);
}

const fixtures = recordFiles
  .flatMap((file) => recordFixtures(file))
  .filter(({ encoding }) => encoding === 'protobuf');

describe('the scanner of usual records', () => {
  it('takes what gateways write', () => {
    const written = fixtures.filter(({ isHandmade, json }) => !isHandmade && json !== undefined);

    expect(written.length).toBeGreaterThan(50);
    expect(written.filter(({ bytes }) => !isUsual(bytes))).toEqual([]);
  });

  it('takes texts of every size that three bytes of length can tell', () => {
    for (const size of [0, 127, 128, 511, 512, 16_383, 16_384, 2 ** 21 - 1]) {
      const bytes = encodeProtobuf({ raw_request: 'x'.repeat(size), tags: ['a', 'é', ''] });

      expect(isUsual(bytes)).toBe(true);
      expectAgreement(bytes);
    }
    expect(isUsual(encodeProtobuf({ raw_request: 'x'.repeat(2 ** 21) }))).toBe(false);
  });

  it('agrees with the general one about every fixture, also cut short', () => {
    for (const { bytes } of fixtures) expectAgreement(bytes);
    for (const sample of samplesOf({ name: 'protobuf' })) {
      for (let size = 0; size < sample.length; size++) expectAgreement(sample.subarray(0, size));
    }
  });

  it('agrees with the general one about random records and changed ones', () => {
    const changes = fc.array(mutation, { maxLength: 3 });
    fc.assert(
      fc.property(fieldsOf, changes, (fields, mutations) =>
        expectAgreement(mutate(encodeProtobuf(fields), mutations)),
      ),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...samplesOf({ name: 'protobuf' })),
        changes,
        (sample, mutations) => expectAgreement(mutate(sample, mutations)),
      ),
      { numRuns: 3_000 },
    );
  });
});
