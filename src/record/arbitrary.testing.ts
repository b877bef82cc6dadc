import fc from 'fast-check';
import { recordFixtures } from '../../test/fixtures/records.ts';
import type { Decoder } from './record.ts';

const samples = {
  msgpack: ['edge', 'odd-shapes', 'numbers', 'graph-mcp'] as const,
  protobuf: ['edge-protobuf', 'graph-mcp'] as const,
};

/** Elements of the encoding that leave little out. */
export const samplesOf = ({ name }: Pick<Decoder, 'name'>): readonly Buffer[] =>
  samples[name].flatMap((file) =>
    recordFixtures(file)
      .filter(({ encoding }) => encoding === name)
      .map(({ bytes }) => bytes),
  );

/** Changes that keep much of a record alive: bytes replaced, cut out, doubled, or exchanged for structure. */
export const mutation = fc.record({
  at: fc.nat(),
  size: fc.integer({ min: 0, max: 4 }),
  bytes: fc.uint8Array({ maxLength: 4 }),
});

export function mutate(
  sample: Buffer,
  mutations: readonly { at: number; size: number; bytes: Uint8Array }[],
): Buffer {
  return mutations.reduce<Buffer>((bytes, { at, size, bytes: replacement }) => {
    const start = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, start), replacement, bytes.subarray(start + size)]);
  }, sample);
}

const text = fc.string({ unit: 'grapheme', maxLength: 300 });
const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const small = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });
/** Records with much in them that is rare. */
export const fieldsOf = fc.record({
  method: text,
  path: text,
  content_length: integer,
  response_code: small,
  timestamp: fc.record({ seconds, nanos: fc.nat({ max: 999_999_999 }), zone: fc.constant('UTC') }),
  raw_request: text,
  geo: fc.record({
    city: fc.record({
      geoname_id: fc.nat(),
      names: fc.dictionary(text, text, { maxKeys: 2 }),
    }),
    location: fc.record({ latitude: fc.double({ noNaN: true }) }),
  }),
  tags: fc.array(text, { maxLength: 20 }),
  track_path: fc.boolean(),
  graphql_stats: fc.record({
    IsGraphQL: fc.constant(true),
    RootFields: fc.array(text, { maxLength: 5 }),
    Types: fc.dictionary(text, fc.array(text, { maxLength: 3 }), { maxKeys: 5 }),
    Errors: fc.array(fc.record({ message: text }), { maxLength: 3 }),
    OperationType: small,
  }),
  mcp_stats: fc.record({ is_mcp: fc.constant(true), primitive_name: text }),
});
