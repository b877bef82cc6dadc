import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordFields } from '../../record/encode/record-fields.ts';
import { added, options, recordsOf, shown } from './adding.testing.ts';
import { createFold } from './fold.ts';

const text = fc.constantFrom('', 'a', 'b', 'a.b', 'é');
const milliseconds = fc.integer({ min: 0, max: 60_000 });

const record: fc.Arbitrary<RecordFields> = fc.record({
  org_id: fc.constantFrom('', 'org-1', 'org-2'),
  api_id: text,
  api_name: text,
  api_version: text,
  api_key: text,
  alias: text,
  oauth_id: text,
  path: fc.constantFrom('/a', '/b', '/a.json'),
  response_code: fc.constantFrom(-1, 101, 200, 201, 304, 404, 404, 500),
  request_time: milliseconds,
  latency: fc.record({ total: milliseconds, upstream: milliseconds }),
  network: fc.record({
    open_connections: fc.nat({ max: 9 }),
    closed_connections: fc.nat({ max: 9 }),
    bytes_in: fc.nat(),
    bytes_out: fc.nat(),
  }),
  timestamp: fc.record({
    seconds: fc.integer({ min: 1_710_105_000, max: 1_710_109_000 }),
    nanos: fc.constantFrom(0, 5_000_000),
  }),
  expireAt: fc.record({ seconds: fc.integer({ min: 1_710_200_000, max: 1_710_300_000 }) }),
  tags: fc.array(fc.constantFrom('key-1', 'one', ' two ', 't.w.o', ''), { maxLength: 3 }),
  track_path: fc.boolean(),
  geo: fc.record({ country: fc.record({ iso_code: fc.constantFrom('', 'DE', 'BR') }) }),
  graphql_stats: fc.record({
    IsGraphQL: fc.boolean(),
    HasErrors: fc.boolean(),
    OperationType: fc.integer({ min: 0, max: 4 }),
    RootFields: fc.array(text, { maxLength: 2 }),
    Types: fc.dictionary(text, fc.array(text, { maxLength: 2 }), { maxKeys: 2 }),
  }),
  mcp_stats: fc.record({
    is_mcp: fc.boolean(),
    jsonrpc_method: text,
    primitive_type: text,
    primitive_name: text,
  }),
});

/** Records, each with the number of its portion and its place there. */
const portions = fc.array(fc.tuple(record, fc.nat({ max: 4 }), fc.nat()), { maxLength: 40 });

describe('aggregates of records', () => {
  it.each(['rest', 'graph', 'mcp'] as const)(
    'of %s add up to the same, whatever the portions and the order',
    (variant) => {
      fc.assert(
        fc.property(portions, fc.constantFrom(1, 7, 60), (drawn, bucketMinutes) => {
          const fold = createFold({ ...options, variant, bucketMinutes });
          const atOnce = added(fold(recordsOf(drawn.map(([fields]) => fields))));

          const shuffled = [...drawn].sort(([, , one], [, , other]) => one - other);
          const apart = [3, 0, 4, 1, 2].flatMap((portion) =>
            fold(
              recordsOf(
                shuffled.filter(([, of]) => of === portion).map(([fields]) => fields),
                portion > 2 ? 'protobuf' : 'msgpack',
              ),
            ),
          );

          expect(shown(added(apart))).toEqual(shown(atOnce));
        }),
        { numRuns: 300 },
      );
    },
  );

  it('add up in any grouping', () => {
    fc.assert(
      fc.property(portions, (drawn) => {
        const fold = createFold(options);
        const [one = [], two = [], three = []] = [0, 1, 2].map((portion) =>
          fold(recordsOf(drawn.filter(([, of]) => of % 3 === portion).map(([fields]) => fields))),
        );
        const total = (aggregates: Parameters<typeof added>[0]) => shown(added(aggregates));

        expect(total([...one, ...two, ...three])).toEqual(total([...three, ...two, ...one]));
        expect(total([...two, ...three, ...one])).toEqual(total([...one, ...two, ...three]));
      }),
      { numRuns: 100 },
    );
  });
});
