import { describe, expect, it } from 'vitest';
import {
  expectedLines,
  type RecordFixture,
  recordFiles,
  recordFixtures,
} from '../../test/fixtures/records.ts';
import { ByteWriter } from '../lib/byte-writer.ts';
import { decoders } from './decoders.ts';
import type { RecordFields, TimeValue } from './encode/record-fields.ts';
import { fullShape } from './full-shape.ts';
import { goTextWriter } from './go-text/write.ts';
import { jsonWriter } from './json/write.ts';
import type { AnalyticsRecord } from './record.ts';
import { decodeRecord, encodeRecord } from './testing.ts';

// The reference's values were captured with the process in UTC, as these tests are (vitest.config.ts).

const decode = ({ encoding, bytes }: RecordFixture) =>
  decoders.find(({ name }) => name === encoding)!.decode([bytes]);

const writeFullJson = jsonWriter(fullShape);
const writeGoText = goTextWriter();

const written = (write: (out: ByteWriter) => void): string => {
  const out = new ByteWriter();
  write(out);
  return out.view().toString();
};

const asJson = (record: AnalyticsRecord): string => written((out) => writeFullJson(record, out));

/** Parsed with numbers of many digits as texts, so that none is lost. */
const exact = (json: string): unknown =>
  JSON.parse(json.replace(/([:[,])(-?\d{16,})(?=[,}\]])/g, '$1"$2"'));

describe.each(recordFiles)('the records of %s', (file) => {
  const fixtures = recordFixtures(file);

  it.each(fixtures)('$name reads as in the reference', (fixture) => {
    const chunk = decode(fixture);
    const record = chunk.record(0);

    expect(record === undefined ? undefined : exact(asJson(record))).toEqual(
      fixture.json === undefined ? undefined : exact(fixture.json),
    );
    expect(chunk.undecodable).toHaveLength(fixture.json === undefined ? 1 : 0);
  });

  const writtenByGateway = fixtures.filter(
    (fixture) => !fixture.isHandmade && canBeWritten(fixture),
  );

  if (writtenByGateway.length === 0) return;

  it('are written by our encoders byte for byte', () => {
    const sorted = (bytes: Buffer): string => Buffer.from(bytes).sort().toString('hex');
    const ours = writtenByGateway.map(({ json, encoding }) =>
      encodeRecord(fieldsOf(json!), encoding),
    );

    // Maps have no order: where one has two keys, the same bytes in another order are as good.
    expect(ours.map(sorted)).toEqual(writtenByGateway.map(({ bytes }) => sorted(bytes)));
  });
});

describe('bad elements between good ones', () => {
  it('are listed with their places, and the others are there', () => {
    const fixtures = recordFixtures('bad');

    const chunk = decoders[0]!.decode(fixtures.map(({ bytes }) => bytes));

    const bad = fixtures.flatMap(({ json }, index) => (json === undefined ? [index] : []));
    expect(chunk.size).toBe(fixtures.length);
    expect(chunk.undecodable.map(({ index }) => index)).toEqual(bad);
    expect(chunk.undecodable.map(({ bytes }) => bytes)).toEqual(
      bad.map((index) => fixtures[index]!.bytes),
    );
    expect(fixtures.map((_, index) => chunk.record(index) === undefined)).toEqual(
      fixtures.map(({ json }) => json === undefined),
    );
  });

  it('are explained without their content', () => {
    const elements = recordFixtures('bad').map(({ bytes }) => bytes);

    const reasons = decoders[0]!.decode(elements).undecodable.map(({ reason }) => reason);

    expect(new Set(reasons)).toMatchInlineSnapshot(`
      Set {
        "the record is cut short",
        "a struct is neither a map nor a list",
        "a number is expected and something else is there",
        "a time is no list of two numbers",
      }
    `);
  });
});

describe('Go text', () => {
  it('is that of the reference, GraphQL and MCP records included', () => {
    const texts = [...recordFixtures('traffic-small'), ...recordFixtures('graph-mcp')].map(
      ({ bytes, encoding }) => written((out) => writeGoText(decodeRecord(bytes, encoding), out)),
    );

    const expected = expectedLines('stdout-text').map(
      ({ record }) => JSON.parse(record ?? '') as string,
    );
    expect(texts.sort()).toEqual(expected.sort());
  });
});

/** Names of cities and zones do not survive the reference's protobuf decoder; bad UTF-8 does not survive JSON. */
function canBeWritten({ encoding, json, bytes }: RecordFixture): boolean {
  if (json === undefined || json.includes('\\ufffd') || json.includes('\ufffd')) return false;
  return (
    encoding === 'msgpack' ||
    (!/Z-|XYZ|[a-z]\/[A-Z]/.test(bytes.toString('latin1')) && !json.includes('"geoname_id":2'))
  );
}

function fieldsOf(json: string): RecordFields {
  const parsed = JSON.parse(
    json.replace(/([:[,])(-?\d{16,})(?=[,}\]])/g, '$1{"integer":"$2"}'),
    (_, value: unknown) =>
      typeof value === 'object' && value !== null && 'integer' in value
        ? BigInt(String(value.integer))
        : value,
  ) as RecordFields & { readonly timestamp: string; readonly expireAt: string };
  return { ...parsed, timestamp: timeOf(parsed.timestamp), expireAt: timeOf(parsed.expireAt) };
}

function timeOf(text: string): TimeValue {
  const [, seconds = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? [];
  return { seconds: Date.parse(`${seconds}Z`) / 1000, nanos: Number(fraction.padEnd(9, '0')) };
}
