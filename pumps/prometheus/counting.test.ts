import { describe, expect, it } from 'vitest';
import { Batch, millis } from '#pump';
import { aBatch, aWeighedEntry, type RecordOverrides } from '#pump/testing';
import { Counting } from './counting.ts';
import type { Options } from './options.ts';
import { aCustomMetric, anOptions, linesOf, samplesOf } from './testing.ts';

const call: RecordOverrides = {
  api_id: 'orders',
  response_code: 200,
  path: '/orders/7',
  method: 'GET',
  api_key: 'key-1234',
  oauth_id: 'ios',
  request_time: 12,
  latency: { total: 99, upstream: 9, gateway: 3 },
};

describe('the base metrics', () => {
  it.each([
    ['tyk_http_status{', 'tyk_http_status{code="200",api="orders"} 2'],
    [
      'tyk_http_status_per_path',
      'tyk_http_status_per_path{code="200",api="orders",path="unknown",method="GET"} 2',
    ],
    ['tyk_http_status_per_key', 'tyk_http_status_per_key{code="200",key="key-1234"} 2'],
    [
      'tyk_http_status_per_oauth_client',
      'tyk_http_status_per_oauth_client{code="200",client_id="ios"} 2',
    ],
  ])('count the records: %s', (prefix, line) => {
    expect(samplesOf({}, [aBatch(1, call), aBatch(1, call)], prefix)).toEqual([line]);
  });

  it('distribute request time, upstream and gateway latency', () => {
    const lines = samplesOf({}, [aBatch(1, call)], 'tyk_latency');

    expect(lines.filter((line) => /_sum|le="(10|15|\+Inf)"/.test(line))).toEqual([
      'tyk_latency_bucket{type="total",api="orders",le="10"} 0',
      'tyk_latency_bucket{type="total",api="orders",le="15"} 1',
      'tyk_latency_bucket{type="total",api="orders",le="+Inf"} 1',
      'tyk_latency_sum{type="total",api="orders"} 12',
      'tyk_latency_bucket{type="upstream",api="orders",le="10"} 1',
      'tyk_latency_bucket{type="upstream",api="orders",le="15"} 1',
      'tyk_latency_bucket{type="upstream",api="orders",le="+Inf"} 1',
      'tyk_latency_sum{type="upstream",api="orders"} 9',
      'tyk_latency_bucket{type="gateway",api="orders",le="10"} 1',
      'tyk_latency_bucket{type="gateway",api="orders",le="15"} 1',
      'tyk_latency_bucket{type="gateway",api="orders",le="+Inf"} 1',
      'tyk_latency_sum{type="gateway",api="orders"} 3',
    ]);
  });

  it('show the path of records the gateway tracks', () => {
    const batch = aBatch(1, { ...call, track_path: true });

    expect(samplesOf({}, [batch], 'tyk_http_status_per_path')).toEqual([
      'tyk_http_status_per_path{code="200",api="orders",path="/orders/7",method="GET"} 1',
    ]);
  });

  it('show every path with track_all_paths', () => {
    const [line] = samplesOf(
      { track_all_paths: true },
      [aBatch(1, call)],
      'tyk_http_status_per_path',
    );

    expect(line).toContain('path="/orders/7"');
  });

  it('are left out when disabled', () => {
    const disabled_metrics = ['tyk_latency', 'tyk_http_status_per_key'];
    const lines = samplesOf({ disabled_metrics }, [aBatch(1, call)], 'tyk_');

    expect(lines.map((line) => line.replace(/\{.*/, ''))).toEqual([
      ...['tyk_http_status', 'tyk_http_status_per_oauth_client', 'tyk_http_status_per_path'],
    ]);
  });
});

describe('custom metrics', () => {
  const custom = (
    metric: Partial<Options['custom_metrics'][number]>,
    record: RecordOverrides = call,
  ): readonly string[] =>
    samplesOf({ custom_metrics: [aCustomMetric(metric)] }, [aBatch(1, record)], 'custom');

  it.each([
    ['host', { host: 'h' }, 'h'],
    ['method', { method: 'PUT' }, 'PUT'],
    ['path', {}, 'unknown'],
    ['code', { response_code: 404 }, '404'],
    ['response_code', { response_code: 404 }, '404'],
    ['api', { api_id: 'a' }, 'a'],
    ['api_id', { api_id: 'a' }, 'a'],
    ['api_version', { api_version: 'v2' }, 'v2'],
    ['api_name', { api_name: 'Orders' }, 'Orders'],
    ['api_key', { api_key: 'k' }, 'k'],
    ['key', { api_key: 'k' }, 'k'],
    ['org_id', { org_id: 'o' }, 'o'],
    ['oauth_id', { oauth_id: 'c' }, 'c'],
    ['client_id', { oauth_id: 'c' }, 'c'],
    ['ip_address', { ip_address: '::1' }, '::1'],
    ['alias', { alias: 'me' }, 'me'],
    ['request_time', { request_time: 5 }, '5'],
    ['latency_total', { latency: { total: 6 } }, '6'],
    ['latency_upstream', { latency: { upstream: 7 } }, '7'],
    ['latency_gateway', { latency: { gateway: 8 } }, '8'],
    ['original_path', { original_path: '/o' }, '/o'],
    ['listen_path', { listen_path: '/l' }, '/l'],
    ['geo_country_iso_code', { geo: { country: { iso_code: 'DE' } } }, 'DE'],
    ['geo_city_geoname_id', { geo: { city: { geoname_id: 7 } } }, '7'],
    ['geo_location_time_zone', { geo: { location: { time_zone: 'CET' } } }, 'CET'],
    ['path_template', {}, ''],
    ['mcp_method', { mcp_stats: { jsonrpc_method: 'tools/call' } }, 'tools/call'],
    ['mcp_primitive_type', { mcp_stats: { primitive_type: 'tool' } }, 'tool'],
    ['mcp_primitive_name', { mcp_stats: { primitive_name: 'weather' } }, 'weather'],
  ] satisfies readonly (readonly [string, RecordOverrides, string])[])(
    'have the label %s',
    (label, record, value) => {
      expect(custom({ labels: [label] }, record)).toEqual([`custom{${label}="${value}"} 1`]);
    },
  );

  it('have the time as Go prints it', () => {
    const [line] = custom({ labels: ['time_stamp'] }, { timestamp: { seconds: 1_710_109_320 } });

    expect(line).toMatch(/^custom\{time_stamp="2024-03-1\d \d\d:\d\d:00 [+-]\d{4} \S+"\} 1$/);
  });

  it('may have no label', () => {
    expect(custom({})).toEqual(['custom 1']);
  });

  it('of type histogram distribute the request time, under a type of their own', () => {
    const lines = custom({ metric_type: 'histogram', labels: ['api', 'type'], buckets: [20, 10] });

    expect(lines).toEqual([
      'custom_bucket{type="total",api="orders",le="10"} 0',
      'custom_bucket{type="total",api="orders",le="20"} 1',
      'custom_bucket{type="total",api="orders",le="+Inf"} 1',
      'custom_sum{type="total",api="orders"} 12',
      'custom_count{type="total",api="orders"} 1',
    ]);
  });

  it('keep a label whose value is a word of theirs', () => {
    const lines = custom(
      { metric_type: 'histogram', labels: ['method'] },
      { ...call, method: 'total' },
    );

    expect(lines.at(-1)).toBe('custom_count{type="total",method="total"} 1');
  });

  it('named tyk_latency distribute all three', () => {
    const custom_metrics = [aCustomMetric({ name: 'tyk_latency', metric_type: 'histogram' })];
    const lines = samplesOf(
      { custom_metrics, disabled_metrics: ['tyk_latency'] },
      [aBatch(1, call)],
      'tyk_latency_sum',
    );

    expect(lines).toEqual([
      'tyk_latency_sum{type="total"} 12',
      'tyk_latency_sum{type="upstream"} 9',
      'tyk_latency_sum{type="gateway"} 3',
    ]);
  });

  it('of another type are left out', () => {
    expect(custom({ metric_type: 'gauge' })).toEqual([]);
  });

  it('count MCP records only, if they say so', () => {
    const metric = { mcp_only: true };

    expect(custom(metric)).toEqual([]);
    expect(custom(metric, { ...call, mcp_stats: { is_mcp: true } })).toEqual(['custom 1']);
  });

  it.each([
    ['a long key', { api_key: 'secret-1234' }, 0, '****1234'],
    ['more characters of it', { api_key: 'secret-1234' }, 6, '****t-1234'],
    ['never fewer than Tyk Pump', { api_key: 'secret-1234' }, 2, '****1234'],
    ['whole characters', { api_key: 'secret-äöü🐶' }, 0, '****äöü🐶'],
    ['no short key', { api_key: '1234' }, 0, '--'],
  ])('obfuscate keys and show of them: %s', (_, record, obfuscate_api_keys_length, shown) => {
    const metric = { labels: ['key'], obfuscate_api_keys: true, obfuscate_api_keys_length };

    expect(custom(metric, record)).toEqual([`custom{key="${shown}"} 1`]);
  });
});

describe('label values', () => {
  it('that look alike when joined are different series', () => {
    const records = [
      { api_key: 'a--b', oauth_id: 'c' },
      { api_key: 'a', oauth_id: 'b--c' },
      { api_key: 'a,oauth_id:b--c', oauth_id: '' },
    ];
    const custom_metrics = [aCustomMetric({ labels: ['api_key', 'oauth_id'] })];

    const lines = samplesOf(
      { custom_metrics },
      records.map((record) => aBatch(1, record)),
      'custom',
    );

    expect(lines.map((line) => line.slice(-2))).toEqual([' 1', ' 1', ' 1']);
  });

  it('that are no UTF-8 are made so', () => {
    const record = { api_id: Buffer.from([0x61, 0xff, 0x62]) };
    const [line] = samplesOf({}, [aBatch(1, record)], 'tyk_http_status{');

    expect(line).toContain('api="a\ufffdb"');
  });
});

describe('aggregated observations', () => {
  const observe = (...batches: Parameters<typeof samplesOf>[1]): readonly string[] =>
    samplesOf({ aggregate_observations: true }, batches, 'tyk_latency').filter((line) =>
      /_(sum|count)\{type="total"/.test(line),
    );

  it('are one mean for each batch, cut to an integer', () => {
    const times = [10, 10, 15];
    const batch = aBatch(3, (at) => ({ ...call, request_time: times[at] ?? 0 }));

    expect(observe(batch)).toEqual([
      'tyk_latency_sum{type="total",api="orders"} 11',
      'tyk_latency_count{type="total",api="orders"} 1',
    ]);
  });

  it('never mix the records of two lists', () => {
    const lists = [aBatch(2, call), aBatch(2, call)];
    const mixed = Batch.of(lists.flatMap((list) => list.entries));

    expect(observe(mixed).at(-1)).toBe('tyk_latency_count{type="total",api="orders"} 2');
  });
});

describe('the limits', () => {
  const numbered = aBatch(5, (at) => ({ ...call, api_id: `api-${at}` }));

  it('send what has no room to one series', () => {
    const lines = samplesOf({ max_series: 3 }, [numbered], 'tyk_http_status{');

    expect(lines).toEqual([
      'tyk_http_status{code="200",api="api-0"} 1',
      'tyk_http_status{code="200",api="api-1"} 1',
      'tyk_http_status{code="200",api="api-2"} 1',
      'tyk_http_status{code="overflow",api="overflow"} 2',
    ]);
  });

  it('count the durations of a histogram as series, and keep them apart', () => {
    const lines = samplesOf({ max_series: 3 }, [numbered], 'tyk_latency_count');

    expect(lines.map((line) => line.replace('tyk_latency_count', ''))).toEqual([
      '{type="total",api="api-0"} 1',
      '{type="upstream",api="api-0"} 1',
      '{type="gateway",api="api-0"} 1',
      '{type="total",api="overflow"} 4',
      '{type="upstream",api="overflow"} 4',
      '{type="gateway",api="overflow"} 4',
    ]);
  });

  it('show on the page what they did', () => {
    const lines = samplesOf({ max_series: 3 }, [numbered], 'sluice_');

    expect(lines).toContain('sluice_prometheus_series{metric="tyk_http_status"} 4');
    expect(lines).toContain('sluice_prometheus_overflow_records_total{metric="tyk_http_status"} 2');
  });

  it('can be taken off', () => {
    expect(samplesOf({ max_series: 0 }, [numbered], 'tyk_http_status{')).toHaveLength(5);
  });

  it('expire series nobody saw for long, and make room', () => {
    const counting = new Counting(anOptions({ max_series: 2, expire_series_after: millis(1000) }));
    const seen = (): readonly string[] =>
      linesOf(counting, 'text').filter((line) => line.startsWith('tyk_http_status{'));
    counting.add(aBatch(1, { ...call, api_id: 'old' }), millis(0));
    counting.add(aBatch(1, { ...call, api_id: 'kept' }), millis(600));

    counting.expire(millis(1500));
    counting.add(aBatch(1, { ...call, api_id: 'new' }), millis(1500));
    counting.add(aBatch(1, { ...call, api_id: 'kept' }), millis(1500));

    expect(seen()).toEqual([
      'tyk_http_status{code="200",api="kept"} 2',
      'tyk_http_status{code="200",api="new"} 1',
    ]);
  });
});

describe('records of a sample', () => {
  const batches = [1, 4, 1 / 0.3].map((weight) => Batch.of([aWeighedEntry(weight, call)]));
  const shown = (options: Partial<Options>) => [
    ...samplesOf(options, batches, 'tyk_http_status{'),
    ...samplesOf(options, batches, 'tyk_latency').filter(
      (line) =>
        /_(sum|count)\{type="total"|le="15"\} |type="total".*le="\+Inf"/.test(line) &&
        /type="total"/.test(line),
    ),
  ];

  it('count once, unless their weight counts', () => {
    expect(shown({})).toContain('tyk_http_status{code="200",api="orders"} 3');
    const sum = 5 + 1 / 0.3;
    expect(shown({ use_sample_weight: true })).toEqual([
      `tyk_http_status{code="200",api="orders"} ${sum}`,
      `tyk_latency_bucket{type="total",api="orders",le="15"} ${sum}`,
      `tyk_latency_bucket{type="total",api="orders",le="+Inf"} ${sum}`,
      `tyk_latency_sum{type="total",api="orders"} ${60 + 12 / 0.3}`,
      `tyk_latency_count{type="total",api="orders"} ${sum}`,
    ]);
  });

  it('weigh in a mean', () => {
    const entries = [
      aWeighedEntry(3, { ...call, request_time: 40 }),
      aWeighedEntry(1, { ...call, request_time: 20 }),
    ].map((entry) => ({ ...entry, segment: 'one' }));
    const mean = (options: Partial<Options>) =>
      samplesOf(
        { ...options, aggregate_observations: true },
        [Batch.of(entries)],
        'tyk_latency_sum{type="total"',
      );
    const line = 'tyk_latency_sum{type="total",api="orders"}';
    expect(mean({ use_sample_weight: true })).toEqual([`${line} 35`]);
    expect(mean({})).toEqual([`${line} 30`]);
  });
});
