import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, millis, openSeriesFinder } from '#pump';
import { aBatch, type RecordOverrides } from '#pump/testing';
import { Counting } from './counting.ts';
import type { Options } from './options.ts';
import { referenceSamples } from './reference.testing.ts';
import { aCustomMetric, anOptions, linesOf } from './testing.ts';
import { TextNumbers } from './text-numbers.ts';

const custom_metrics = [
  aCustomMetric({ name: 'no_labels' }),
  aCustomMetric({ name: 'hidden_keys', labels: ['key', 'path'], obfuscate_api_keys: true }),
  aCustomMetric({ name: 'times', labels: ['time_stamp', 'host'] }),
  aCustomMetric({ name: 'numbers', labels: ['request_time', 'latency_total', 'code'] }),
  aCustomMetric({ name: 'mcp', labels: ['mcp_method', 'path'], mcp_only: true }),
  aCustomMetric({ name: 'spread', metric_type: 'histogram', labels: ['path'], buckets: [0.5, 7] }),
];

const options = fc.record({
  custom_metrics: fc.subarray(custom_metrics),
  disabled_metrics: fc.subarray(['tyk_http_status', 'tyk_latency', 'tyk_http_status_per_key']),
  track_all_paths: fc.boolean(),
  max_series: fc.constantFrom(0, 1, 3, 7, 10_000),
  path_templates: fc.constantFrom([], ['/a/{id}', '/*']),
  fold_path_ids: fc.boolean(),
});

/** Few texts, so that they come again; some are no UTF-8, look alike, or must be escaped. */
const text = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'aa', 'overflow', 'a"\\\n', 'x'.repeat(2_000), 'ä'.repeat(40)),
  fc.constantFrom(Buffer.from([0xff]), Buffer.from([0xfe]), Buffer.from([0x61, 0xc3])),
  fc.nat(40).map((number) => `/a/${number}`),
);
const integer = fc.oneof(
  fc.nat(300),
  fc.constantFrom(-1, 1023, 1024, 65_536, 2 ** 31, 2 ** 53, 1e15),
);
const record: fc.Arbitrary<RecordOverrides> = fc.record({
  ...{ method: text, path: text, api_key: text, api_id: text, oauth_id: text, host: text },
  track_path: fc.boolean(),
  response_code: fc.constantFrom(200, 200, 404, -5),
  request_time: integer,
  latency: fc.record({ total: integer, upstream: integer, gateway: integer }),
  timestamp: fc.record({ seconds: fc.constantFrom(1_710_109_320, 1_710_109_321) }),
  mcp_stats: fc.record({ is_mcp: fc.boolean(), jsonrpc_method: text }),
});
const batch = fc
  .array(record, { minLength: 1, maxLength: 60 })
  .map((records) => aBatch(records.length, (index) => records[index] ?? {}));

let many: Batch | undefined;
/** A batch is costly to make, and not changed by being counted. */
const manyPaths = (): readonly Batch[] => [
  (many ??= aBatch(17_000, (index) => ({ path: `/${index}`, api_id: `api-${index % 7}` }))),
];

function samples(counting: Counting): readonly string[] {
  return linesOf(counting, 'text').filter((line) => !/^(#|sluice_)/.test(line));
}

/** As it is, with memory for hardly anything, with a poor hash, and where the runtime has none. */
const finders: readonly (typeof openSeriesFinder)[] = [
  openSeriesFinder,
  (parts) => openSeriesFinder({ ...parts, mostTexts: 8, mostSeries: 8, mostNumbers: 64 }),
  (parts) => openSeriesFinder({ ...parts, hashBits: 1 }),
  () => undefined,
];

/** Batches come several times: what was seen once is found another way. */
function expectAsReference(chosen: Partial<Options>, batches: readonly Batch[]): void {
  const all = anOptions(chosen);
  const expected = referenceSamples(all, batches).toSorted();
  for (const open of finders) {
    const counting = new Counting(all, new TextNumbers(), open);
    for (const one of batches) counting.add(one, millis(0));
    expect(samples(counting).toSorted()).toEqual(expected);
  }
}

describe('counting', () => {
  it('comes to what reading every label of every record comes to', () => {
    fc.assert(
      fc.property(options, fc.array(batch, { minLength: 1, maxLength: 3 }), (chosen, batches) => {
        expectAsReference(chosen, [...batches, ...batches]);
      }),
      { numRuns: 60 },
    );
  });

  it.each([0, 500])(
    'goes on with more paths than it remembers, at most %i series',
    (max_series) => {
      const disabled_metrics = ['tyk_latency', 'tyk_http_status_per_oauth_client'];

      expectAsReference({ max_series, track_all_paths: true, disabled_metrics }, [
        ...manyPaths(),
        ...manyPaths(),
      ]);
    },
  );

  it('begins its numbers anew when there are no more', () => {
    const all = anOptions();
    const counting = new Counting(all, new TextNumbers(5), () => undefined);
    const batches = Array.from({ length: 20 }, (_, at) =>
      aBatch(7, (index) => ({ api_id: `api-${(at * index) % 5}`, api_key: `key-${at % 3}` })),
    );
    for (const one of batches) counting.add(one, millis(0));

    expect(samples(counting).toSorted()).toEqual(referenceSamples(all, batches).toSorted());
  });

  it.each(finders)('finds a series anew after others were taken off the page', (open) => {
    const disabled_metrics = ['tyk_http_status_per_key', 'tyk_http_status_per_oauth_client'];
    const all = anOptions({ expire_series_after: millis(10), disabled_metrics });
    const counting = new Counting(all, new TextNumbers(), open);
    const one = aBatch(13, { api_id: 'one' });
    const other = aBatch(12, { api_id: 'other' });
    counting.add(one, millis(0));
    counting.add(other, millis(20));
    counting.expire(millis(20));
    counting.add(aBatch(1, { api_id: 'third' }), millis(21));
    counting.add(one, millis(22));
    counting.add(other, millis(23));

    const kept = [other, aBatch(1, { api_id: 'third' }), one, other];
    expect(samples(counting).toSorted()).toEqual(referenceSamples(all, kept).toSorted());
  });
});
