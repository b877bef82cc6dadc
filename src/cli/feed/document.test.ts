import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../lib/byte-writer.ts';
import { fieldsOf } from '../../record/arbitrary.testing.ts';
import { encodeMsgpack } from '../../record/encode/msgpack.ts';
import { fullShape } from '../../record/full-shape.ts';
import { jsonWriter } from '../../record/json/write.ts';
import { decodeRecord, encodeRecord } from '../../record/testing.ts';
import { readDocument } from './document.ts';

const write = jsonWriter(fullShape);

function documentOf(bytes: Uint8Array, encoding: 'msgpack' | 'protobuf'): string {
  const out = new ByteWriter();
  write(decodeRecord(bytes, encoding), out);
  return out.view().toString();
}

const again = (document: string): string => {
  const { fields, reason } = readDocument(JSON.parse(document) as Record<string, unknown>);
  if (fields === undefined) throw new Error(reason);
  return documentOf(encodeMsgpack(fields), 'msgpack');
};

const readable = fieldsOf.filter(
  ({ content_length: length, geo }) =>
    Number.isSafeInteger(Number(length)) && Number.isFinite(geo.location.latitude),
);

describe('a document read back', () => {
  it.each(['msgpack', 'protobuf'] as const)('gives the same document again, of %s', (encoding) => {
    fc.assert(
      fc.property(readable, (fields) => {
        const document = documentOf(encodeRecord(fields, encoding), encoding);
        expect(again(document)).toBe(document);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps the instant of a time in another zone, to the nanosecond', () => {
    const { fields } = readDocument({ timestamp: '2026-01-31T14:00:00.000000007+02:00' });
    expect(fields?.timestamp).toEqual({ seconds: Date.UTC(2026, 0, 31, 12) / 1000, nanos: 7 });
  });

  it('passes over what Sluice had added', () => {
    const added = {
      record_id: '1-1:0',
      path_template: '/x',
      client: { os: 'x' },
      sample_weight: 2,
    };
    const { fields } = readDocument({ timestamp: '2026-01-31T12:00:00Z', path: '/y', ...added });
    expect(Object.keys(fields ?? {})).toEqual(['timestamp', 'path']);
  });

  it.each([
    [{ path: '/' }, 'has no "timestamp": it is no record'],
    [{ timestamp: 'yesterday' }, '"timestamp": is text, expected a time'],
    [{ paht: '/' }, '"paht": is no field of a record (docs/fields.md)'],
    [{ unknown: { x: 1 } }, '"unknown": is no field of a record'],
    [{ response_code: '200' }, '"response_code": is text, expected an integer within 2^53'],
    [{ content_length: 2 ** 53 }, '"content_length": is number, expected an integer within 2^53'],
    [
      { geo: { location: { latitude: null } } },
      '"geo.location.latitude": is null, expected a number',
    ],
    [{ geo: 'x' }, '"geo": is text, expected an object'],
    [{ tags: ['a', 1] }, '"tags": is list, expected a list of texts'],
    [
      { graphql_stats: { Errors: [{ path: [] }] } },
      '"graphql_stats.Errors": is list, expected a list',
    ],
  ])('refuses %j and names no value', (document, reason) => {
    expect(readDocument(document).reason).toContain(reason);
  });
});
