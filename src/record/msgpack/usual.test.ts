import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordFiles, recordFixtures } from '../../../test/fixtures/records.ts';
import { fieldsOf, mutate, mutation, samplesOf } from '../arbitrary.testing.ts';
import { slotCount } from '../slots.ts';
import { encodeMsgpack } from './encode.ts';
import { scanRecord } from './scan.ts';
import { scanUsual } from './usual.ts';

const isUsual = (bytes: Buffer, slots = new Int32Array(slotCount)): boolean =>
  scanUsual(bytes, new DataView(bytes.buffer), slots, 0);

/** What one scanner accepts the other accepts too, with the same places. */
function expectAgreement(bytes: Buffer): void {
  const usual = new Int32Array(slotCount);
  const general = new Int32Array(slotCount);
  if (!isUsual(bytes, usual)) return;
  expect(scanRecord(bytes, general, 0)).toBeUndefined();
  expect(usual).toEqual(general);
}

const fixtures = recordFiles
  .flatMap((file) => recordFixtures(file))
  .filter(({ encoding }) => encoding === 'msgpack');

describe('the scanner of usual records', () => {
  it('takes what gateways write', () => {
    const written = fixtures.filter(({ isHandmade, json }) => !isHandmade && json !== undefined);

    expect(written.length).toBeGreaterThan(100);
    expect(written.filter(({ bytes }) => !isUsual(bytes))).toEqual([]);
  });

  it('takes records of gateways that know fewer fields', () => {
    const text = (value: string): Buffer =>
      Buffer.concat([Buffer.of(0xa0 | value.length), Buffer.from(value)]);
    const older = Buffer.concat([
      Buffer.of(0x83),
      text('Path'),
      text('/'),
      text('Latency'),
      Buffer.of(0x81),
      text('Upstream'),
      Buffer.of(7),
      text('Alias'),
      text(''),
    ]);

    expect(isUsual(older)).toBe(true);
    expectAgreement(older);
  });

  it('agrees with the general one about every fixture, also cut short', () => {
    for (const { bytes } of fixtures) expectAgreement(bytes);
    for (const sample of samplesOf({ name: 'msgpack' })) {
      for (let size = 0; size < sample.length; size++) expectAgreement(sample.subarray(0, size));
    }
  });

  it('agrees with the general one about random records and changed ones', () => {
    const changes = fc.array(mutation, { maxLength: 3 });
    fc.assert(
      fc.property(fieldsOf, changes, (fields, mutations) =>
        expectAgreement(mutate(encodeMsgpack(fields), mutations)),
      ),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...samplesOf({ name: 'msgpack' })),
        changes,
        (sample, mutations) => expectAgreement(mutate(sample, mutations)),
      ),
      { numRuns: 3_000 },
    );
  });
});
