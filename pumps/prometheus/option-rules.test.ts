import { describe, expect, it } from 'vitest';
import { aPreparedPump } from '#pump/testing';
import prometheus from './index.ts';
import { problemsOf } from './option-rules.ts';
import { aCustomMetric, anOptions } from './testing.ts';

const wordsOf = (options: Parameters<typeof anOptions>[0]): readonly string[] =>
  problemsOf(anOptions(options)).map(({ severity, key, found }) => `${severity} ${key}: ${found}`);

describe('the address', () => {
  it.each([':9090', '127.0.0.1:9090', 'localhost:0', '[::1]:9090'])('may be %s', (address) => {
    expect(wordsOf({ listen_address: address })).toEqual([]);
  });

  it.each(['', '9090', 'localhost', ':70000', '::1:9090'])('must not be "%s"', (address) => {
    expect(wordsOf({ listen_address: address })[0]).toMatch(/^error listen_address/);
  });

  it('is required of a meta that lacks it', () => {
    expect(() => aPreparedPump(prometheus, {})).toThrow('listen_address: host and port');
  });

  it('is not needed on the admin server, but a path of its own is', () => {
    expect(wordsOf({ listen_address: '', serve_on: 'admin', path: '/tyk' })).toEqual([]);
    expect(wordsOf({ serve_on: 'admin' })).toEqual([
      'warning listen_address: a text',
      'error path: "/metrics"',
    ]);
  });
});

describe('what makes Tyk Pump panic is refused', () => {
  it.each([
    ['an unknown label', { labels: ['method', 'colour'] }, 'custom_metrics[0].labels[1]: "colour"'],
    ['a label of histograms', { labels: ['type'] }, 'custom_metrics[0].labels[0]: "type"'],
    ['a label twice', { labels: ['api', 'api'] }, 'custom_metrics[0].labels[1]: "api", again'],
    ['a name that is none', { name: 'two words' }, 'custom_metrics[0].name: "two words"'],
    ['the name of a base metric', { name: 'tyk_http_status' }, 'as tyk_http_status has'],
    ['the name of a line', { name: 'tyk_latency_count' }, 'as tyk_latency has'],
    ['our own name', { name: 'sluice_prometheus_series' }, 'as the pump itself has'],
  ])('%s', (_, metric, words) => {
    const problems = wordsOf({ custom_metrics: [aCustomMetric(metric)] });

    expect(problems).toEqual([expect.stringContaining(words)]);
    expect(problems[0]).toMatch(/^error/);
  });

  it('one name for two metrics', () => {
    expect(wordsOf({ custom_metrics: [aCustomMetric(), aCustomMetric()] })).toEqual([
      expect.stringMatching(/^error custom_metrics: "custom"/),
    ]);
  });
});

describe('what Tyk Pump passes over is said', () => {
  it.each([
    ['another type', { metric_type: 'gauge', labels: ['nonsense'] }, 'metric_type: "gauge"'],
    ['buckets of a counter', { buckets: [1] }, 'buckets: a list'],
    [
      'buckets out of order',
      { metric_type: 'histogram', buckets: [2, 1] },
      'buckets: a list out of order',
    ],
    ['a length without obfuscation', { obfuscate_api_keys_length: 6 }, 'length: a number'],
    [
      'a length below Tyk Pump’s',
      { obfuscate_api_keys: true, obfuscate_api_keys_length: 3 },
      'length: 3',
    ],
  ])('%s', (_, metric, words) => {
    const problems = wordsOf({ custom_metrics: [aCustomMetric(metric)] });

    expect(problems).toEqual([expect.stringContaining(words)]);
    expect(problems[0]).toMatch(/^warning/);
  });

  it('a base metric there is not', () => {
    expect(wordsOf({ disabled_metrics: ['tyk_http_statuses'] })).toEqual([
      'warning disabled_metrics[0]: "tyk_http_statuses"',
    ]);
  });
});

it('reads every option from the environment by Tyk’s names', () => {
  const prefix = prometheus.envPrefix;
  const { problems } = prometheus.prepare({
    raw: {},
    source: 'test',
    key: 'meta',
    envPrefix: prefix,
    env: {
      [`${prefix}_ADDR`]: ':9090',
      [`${prefix}_PATH`]: '/m',
      [`${prefix}_AGGREGATEOBSERVATIONS`]: 'true',
      [`${prefix}_DISABLEDMETRICS`]: 'tyk_latency',
      [`${prefix}_TRACKALLPATHS`]: 'true',
      [`${prefix}_CUSTOMMETRICS`]: '[{"name":"n","metric_type":"counter","labels":["api"]}]',
    },
  });

  expect(problems).toEqual([]);
});

it('takes `description`, as Tyk’s documentation has it, for `help`', () => {
  const metric = { name: 'calls', description: 'All calls.', metric_type: 'counter', labels: [] };
  const { problems, pump } = prometheus.prepare({
    raw: { listen_address: ':9090', custom_metrics: [metric] },
    source: 'pump.conf',
    key: 'meta',
    env: {},
    envPrefix: '',
  });

  expect(problems).toEqual([]);
  expect(pump).toBeDefined();
});
