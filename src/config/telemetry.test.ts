import { describe, expect, it } from 'vitest';
import type { TelemetryConfig } from './config.ts';
import { effectiveConfig, fromText } from './effective.ts';
import { loadConfig } from './load.ts';
import { aFile, load, secretsOf } from './testing.ts';

const at = 'http://localhost:4318';
const withOwn = (telemetry: Readonly<Record<string, unknown>>) => aFile({ sluice: { telemetry } });

type Situation = Parameters<typeof load>[0];
async function telemetryOf(situation: Situation): Promise<TelemetryConfig | undefined> {
  const { config, errors, warnings } = await load(situation);
  expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
  return config?.telemetry;
}

/** What is not secret of a target, and what is. */
const shown = (telemetry: TelemetryConfig | undefined, signal: 'metrics' | 'traces' | 'logs') => {
  const target = telemetry?.[signal];
  return (
    target && {
      ...target,
      url: target.url.reveal(),
      headers: Object.fromEntries(
        Object.entries(target.headers).map(([name, value]) => [name, value.reveal()]),
      ),
    }
  );
};

describe('telemetry over OTLP', () => {
  it.each([
    [aFile(), {}],
    [withOwn({ endpoint: '' }), { OTEL_EXPORTER_OTLP_ENDPOINT: at }],
    [withOwn({ endpoint: at, metrics: false, traces: false, logs: false }), {}],
    [aFile(), { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    [aFile(), { OTEL_SERVICE_NAME: 'x', OTEL_EXPORTER_OTLP_HEADERS: 'a=b' }],
    [withOwn({ endpoint: at }), { OTEL_SDK_DISABLED: 'true' }],
  ])('is off with the file %j and the variables %j', async (file, env) => {
    expect(await telemetryOf({ file, env })).toBeUndefined();
  });

  it('goes to a path of its own for each signal, with the defaults of the specification', async () => {
    const telemetry = await telemetryOf({ file: withOwn({ endpoint: at }) });

    const rest = {
      ...{ protocol: 'http/protobuf', headers: {}, compression: 'none', timeout: 10_000 },
      ...{ caFile: '', certFile: '', keyFile: '' },
    };
    expect(shown(telemetry, 'metrics')).toEqual({ url: `${at}/v1/metrics`, ...rest });
    expect(shown(telemetry, 'traces')).toEqual({ url: `${at}/v1/traces`, ...rest });
    expect(shown(telemetry, 'logs')).toEqual({ url: `${at}/v1/logs`, ...rest });
    expect(telemetry).toMatchObject({
      ...{ interval: 60_000, sampleRatio: 0.01 },
      resource: { 'service.name': 'sluice' },
    });
  });

  it.each([
    ['https://otel.example.com/', 'https://otel.example.com/v1/logs'],
    ['https://otel.example.com/otlp/', 'https://otel.example.com/otlp/v1/logs'],
    ['https://otel.example.com?key=a', 'https://otel.example.com/v1/logs?key=a'],
    ['https://user:pass@otel.example.com', 'https://user:pass@otel.example.com/v1/logs'],
  ])('adds a path to %s', async (endpoint, url) => {
    const telemetry = await telemetryOf({ file: withOwn({ endpoint }) });

    expect(shown(telemetry, 'logs')?.url).toBe(url);
  });

  it('is what the options say', async () => {
    const telemetry = await telemetryOf({
      file: withOwn({
        ...{ endpoint: 'https://x', protocol: 'http/json', headers: { 'X-Key': 'k' } },
        ...{ compression: 'gzip', timeout: '2s', interval: '5s', sample_ratio: 1, traces: false },
        ...{ tls_ca_file: 'ca', tls_cert_file: 'cert', tls_key_file: 'key' },
        ...{ service_name: 's', resource: { a: 'b' } },
      }),
    });

    expect(shown(telemetry, 'metrics')).toEqual({
      ...{ url: 'https://x/v1/metrics', protocol: 'http/json', headers: { 'X-Key': 'k' } },
      ...{ compression: 'gzip', timeout: 2000, caFile: 'ca', certFile: 'cert', keyFile: 'key' },
    });
    expect(telemetry?.traces).toBeUndefined();
    expect(telemetry).toMatchObject({
      ...{ interval: 5000, sampleRatio: 1, resource: { 'service.name': 's', a: 'b' } },
    });
  });

  it('is what the variables of OpenTelemetry say, where an option says nothing', async () => {
    const telemetry = await telemetryOf({
      file: withOwn({ timeout: '3s', resource: { b: '3' } }),
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://all',
        OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'https://logs/as-it-is',
        OTEL_EXPORTER_OTLP_HEADERS: 'x-a=1%2C2, x-b = 3',
        OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'x-c=4=5',
        OTEL_EXPORTER_OTLP_TIMEOUT: '20000',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca',
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/cert',
        OTEL_EXPORTER_OTLP_CLIENT_KEY: '/key',
        OTEL_METRIC_EXPORT_INTERVAL: '5000',
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
        OTEL_SERVICE_NAME: 'named',
        OTEL_RESOURCE_ATTRIBUTES: 'a=1,b=2,service.name=other,c=x%20y',
        OTEL_SDK_DISABLED: 'FALSE',
      },
    });

    const files = { caFile: '/ca', certFile: '/cert', keyFile: '/key' };
    expect(shown(telemetry, 'metrics')).toEqual({
      ...{ url: 'https://all/v1/metrics', protocol: 'http/protobuf', compression: 'gzip' },
      ...{ headers: { 'x-a': '1,2', 'x-b': '3' }, timeout: 3000, ...files },
    });
    expect(shown(telemetry, 'logs')).toEqual({
      ...{ url: 'https://logs/as-it-is', protocol: 'http/json', compression: 'gzip' },
      ...{ headers: { 'x-c': '4=5' }, timeout: 3000, ...files },
    });
    expect(telemetry).toMatchObject({ traces: undefined, interval: 5000, sampleRatio: 0.25 });
    expect(telemetry?.resource).toEqual({ 'service.name': 'named', a: '1', b: '3', c: 'x y' });
  });

  it.each([
    ['always_on', undefined, 1],
    ['parentbased_always_off', undefined, 0],
    ['traceidratio', '0.5', 0.5],
    ['traceidratio', undefined, 1],
  ])('samples as %s with %s says', async (sampler, argument, ratio) => {
    const telemetry = await telemetryOf({
      file: withOwn({ endpoint: at }),
      env: {
        OTEL_TRACES_SAMPLER: sampler,
        ...(argument === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: argument }),
      },
    });

    expect(telemetry?.sampleRatio).toBe(ratio);
  });

  it.each([
    [{ endpoint: 'localhost:4318' }, 'sluice.telemetry.endpoint: found text, expected an http://'],
    [{ endpoint: 'ftp://x' }, 'sluice.telemetry.endpoint: found text, expected an http://'],
    [{ protocol: 'grpc' }, 'sluice.telemetry.protocol: found text, expected one of'],
    [{ sample_ratio: 1.5 }, 'sluice.telemetry.sample_ratio: found 1.5, expected a number from 0'],
    [{ sample_ratio: -1 }, 'sluice.telemetry.sample_ratio: found -1, expected a number from 0'],
    [{ tls_cert_file: 'a' }, 'sluice.telemetry.tls_key_file: found nothing, expected the key of'],
    [{ tls_key_file: 'a' }, 'sluice.telemetry.tls_cert_file: found nothing, expected the cert'],
    [{ headers: { 'a b': 'c' } }, 'sluice.telemetry.headers: found a name with other characters'],
    [{ headers: { a: 'c\nd' } }, 'sluice.telemetry.headers: found a value of a with other char'],
    [{ interval: '1ms' }, 'sluice.telemetry.interval: found text, expected a duration'],
    [{ resource: { a: 1 } }, 'sluice.telemetry.resource: found object, expected an object of'],
  ])('is refused with %j', async (own, error) => {
    const { errors } = await load({ file: withOwn({ endpoint: at, ...own }) });

    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(error);
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at, OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at, OTEL_EXPORTER_OTLP_HEADERS: 'key' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at, OTEL_RESOURCE_ATTRIBUTES: 'a=%zz' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at, OTEL_TRACES_SAMPLER: 'jaeger_remote' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at, OTEL_METRICS_EXPORTER: 'prometheus' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: at, OTEL_SDK_DISABLED: 'yes' }, false],
  ])('is only warned of by variables that cannot be read: %j', async (env, isOff) => {
    const { config, errors, warnings } = await load({ file: aFile(), env });

    expect(errors).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^environment: OTEL_/);
    expect(config?.telemetry === undefined).toBe(isOff);
  });

  it.each([
    ['http://collector:4318', 1],
    ['http://127.0.0.1:4318', 0],
    ['http://[::1]:4318', 0],
    ['https://collector', 0],
  ])('with headers for %s has %d warnings', async (endpoint, count) => {
    const { warnings } = await load({ file: withOwn({ endpoint, headers: { key: 'a' } }) });

    expect(warnings).toHaveLength(count);
    for (const warning of warnings) expect(warning).toContain('anyone on the way may read them');
  });

  it('keeps what may be a key from everybody', async () => {
    const secrets = await secretsOf({
      file: withOwn({ endpoint: 'https://u:of-the-url@x', headers: { a: 'of-the-option' } }),
      env: {
        OTEL_EXPORTER_OTLP_HEADERS: 'a=of%20all',
        OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'broken',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://u:of-the-variable@x',
      },
    });

    expect(secrets).toEqual(
      expect.arrayContaining([
        ...['of-the-url', 'of-the-option', 'of all', 'broken', 'of-the-variable'],
      ]),
    );
  });

  it('is shown with who said it', async () => {
    const { sections, locate } = await loadConfig({
      path: 'pump.conf',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://all/with-a-key',
        OTEL_EXPORTER_OTLP_TIMEOUT: '20000',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        TYK_PMP_SLUICE_TELEMETRY_SERVICENAME: 'mine',
        OTEL_SERVICE_NAME: 'named',
      },
      readFile: () => Promise.resolve(JSON.stringify(withOwn({ compression: 'none' }))),
    });
    const values = effectiveConfig({ path: 'pump.conf', sections, locate, pumps: [] });
    const lines = values
      .filter(({ key }) => /telemetry\.(endpoint|timeout|compression|service_name)/.test(key))
      .map(({ key, value, from }) => [key.split('.').at(-1), value, fromText(from).split(':')[0]]);

    expect(lines).toEqual([
      ['endpoint', 'https://all/[secret]', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
      ['compression', 'none', 'pump.conf'],
      ['timeout', '20s', 'OTEL_EXPORTER_OTLP_TIMEOUT'],
      ['service_name', 'mine', 'TYK_PMP_SLUICE_TELEMETRY_SERVICENAME'],
    ]);
  });
});
