import { describe, expect, it } from 'vitest';
import { compileEdits, type Edits } from './edit.ts';
import type { AnalyticsRecord } from './record.ts';
import { aRecord } from './testing.ts';
import { zeroTime } from './time/zero-time.ts';

const none: Edits = {
  omitDetailedRecording: false,
  maxRecordSize: 0,
  ignoreFields: [],
  rawRequestDecoded: false,
  rawResponseDecoded: false,
};

const record = aRecord({
  raw_request: 'aGVsbG8=',
  raw_response: 'd29ybGQ=',
  tags: ['a'],
  geo: {
    country: { iso_code: 'DE' },
    city: { geoname_id: 7, names: { en: 'X' } },
    location: { latitude: 1 },
  },
  network: { bytes_in: 5 },
  graphql_stats: {
    IsGraphQL: true,
    Types: { A: ['b'] },
    Errors: [{ message: 'm' }],
    RootFields: ['r'],
  },
});

const edited = (edits: Partial<Edits>): AnalyticsRecord =>
  compileEdits({ ...none, ...edits })!(record);
const raw = (edits: Partial<Edits>): readonly string[] => {
  const result = edited(edits);
  return [result.text('raw_request'), result.text('raw_response')];
};

describe('edits', () => {
  it.each([
    [none],
    [{ ...none, maxRecordSize: -1 }],
    [{ ...none, ignoreFields: ['no_such', 'geo.city'] }],
  ])('of %o are none at all', (edits) => {
    expect(compileEdits(edits)).toBeUndefined();
  });

  it('empty both raw texts', () => {
    expect(raw({ omitDetailedRecording: true })).toEqual(['', '']);
  });

  it('omit rather than cut or decode', () => {
    expect(raw({ omitDetailedRecording: true, maxRecordSize: 3, rawRequestDecoded: true })).toEqual(
      ['', ''],
    );
  });

  it('cut the text in base64 to that many bytes', () => {
    expect(raw({ maxRecordSize: 3 })).toEqual(['aGV', 'd29']);
    expect(raw({ maxRecordSize: 100 })).toEqual(['aGVsbG8=', 'd29ybGQ=']);
  });

  it('decode each of the two by its own option', () => {
    expect(raw({ rawRequestDecoded: true })).toEqual(['hello', 'd29ybGQ=']);
    expect(raw({ rawResponseDecoded: true })).toEqual(['aGVsbG8=', 'world']);
  });

  it('cut before they decode, and leave alone what is no base64 any more', () => {
    expect(raw({ maxRecordSize: 4, rawRequestDecoded: true })).toEqual(['hel', 'd29y']);
    expect(raw({ maxRecordSize: 5, rawRequestDecoded: true })).toEqual(['aGVsb', 'd29yb']);
  });

  it('give the ignored fields their zero values, objects as a whole', () => {
    const result = edited({
      ignoreFields: ['path', 'response_code', 'timestamp', 'tags', 'geo', 'graphql_stats'],
    });

    expect(result.text('path')).toBe('');
    expect(result.utf8('path')).toHaveLength(0);
    expect(result.integer('response_code')).toBe(0);
    expect(result.time('timestamp')).toEqual(zeroTime);
    expect(result.list('tags')).toBeNull();
    expect(result.text('geo.country.iso_code')).toBe('');
    expect(result.integer('geo.city.geoname_id')).toBe(0);
    expect(result.float('geo.location.latitude')).toBe(0);
    expect(result.cityNames()).toBeNull();
    expect(result.flag('graphql_stats.IsGraphQL')).toBe(false);
    expect(result.graphTypes()).toBeNull();
    expect(result.graphErrors()).toBeNull();
    expect(result.list('graphql_stats.RootFields')).toBeNull();
  });

  it('leave everything else and the original as they are', () => {
    const result = edited({ ignoreFields: ['path'], rawRequestDecoded: true });

    expect(result.text('host')).toBe('api.example.com');
    expect(result.integer('network.bytes_in')).toBe(5);
    expect(result.cityNames()).toEqual(new Map([['en', 'X']]));
    expect(result.graphTypes()).toEqual(new Map([['A', ['b']]]));
    expect(result.bytes.buffer).toBe(record.bytes.buffer);
    expect(result.bytes).toEqual(record.bytes);
    expect(record.text('path')).toBe('/pets');
    expect(record.text('raw_request')).toBe('aGVsbG8=');
  });
});
