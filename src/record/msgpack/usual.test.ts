import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordFiles, recordFixtures } from '../../../test/fixtures/records.ts';
import { fieldsOf, mutate, mutation, samplesOf } from '../arbitrary.testing.ts';
import type { Region } from '../chunk.ts';
import { encodeMsgpack } from '../encode/msgpack.ts';
import { fields } from '../fields.ts';
import { slotCount } from '../slots.ts';
import { MsgpackRecord } from './record.ts';
import { scanRecord } from './scan.ts';
import { scanUsual } from './usual.ts';

const regionOf = ({ buffer }: Buffer): Region => ({
  region: Buffer.from(buffer),
  view: new DataView(buffer),
});

const isUsual = (bytes: Buffer, slots = new Int32Array(slotCount)): boolean =>
  scanUsual(regionOf(bytes), bytes.byteOffset, bytes.length, slots, 0);

/**
 * What one scanner accepts the other accepts too, with the same places; but what lies in an empty struct may have none,
 * where it reads like a field that is missing.
 */
function expectAgreement(bytes: Buffer): void {
  const usual = new Int32Array(slotCount);
  const general = new Int32Array(slotCount);
  if (!isUsual(bytes, usual)) return;
  expect(scanRecord(bytes, general, 0)).toBeUndefined();
  expect(usual.map((at, slot) => (at === 0 ? (general[slot] as number) : at))).toEqual(general);
  expect(valuesAt(bytes, usual)).toEqual(valuesAt(bytes, general));
}

function valuesAt(bytes: Buffer, slots: Int32Array): readonly unknown[] {
  const record = new MsgpackRecord(regionOf(bytes), bytes.byteOffset, bytes.length, slots, 0);
  return fields.map(({ name, kind }) => {
    switch (kind) {
      case 'text':
        return record.utf8(name).toString();
      case 'int32':
      case 'int64':
        return record.integer(name);
      case 'float':
        return record.float(name);
      case 'flag':
        return record.flag(name);
      case 'time':
        return record.time(name);
      case 'list':
        return record.list(name);
      case 'names':
        return record.cityNames();
      case 'types':
        return record.graphTypes();
      case 'errors':
        return record.graphErrors();
    }
    return kind satisfies never;
  });
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

  it('takes an empty struct as a whole, and only where nothing in it is set', () => {
    const slots = new Int32Array(slotCount);
    isUsual(encodeMsgpack({}), slots);
    const structs = fields.filter(({ name }) => name.includes('.') && !/^latency/.test(name));

    expect(structs.filter(({ slot }) => slots[slot] !== 0)).toEqual([]);
    const bytes = encodeMsgpack({});
    const start = bytes.indexOf('Geo');
    for (let at = start; at < bytes.length; at++) {
      for (const byte of [0x00, 0x01, 0x80, 0xa1, 0xc0, 0xc3]) {
        const changed = Buffer.from(bytes);
        changed[at] = byte;
        expectAgreement(changed);
      }
    }
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
