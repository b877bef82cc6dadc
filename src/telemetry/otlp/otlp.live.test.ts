import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readTelemetry } from '../../../test/e2e/told.ts';
import { type Certificates, makeCertificates } from '../../../test/services/certificates.ts';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { type Collector, needCollector, startCollector } from '../../../test/services/otelcol.ts';
import { until, whyUnavailable } from '../../../test/services/process.ts';
import type { OtlpTarget, TelemetryConfig } from '../../config/config.ts';
import { systemClock } from '../../lib/clock.ts';
import { CountingMetrics } from '../../lib/metrics.testing.ts';
import { Secret } from '../../lib/secret.ts';
import { millis } from '../../lib/units.ts';
import { createMetrics } from '../metrics.ts';
import type { SaidLine } from '../said-line.ts';
import type { Telemetry } from '../telemetry.ts';
import { askReceiver } from './ask-receiver.ts';
import { startOtlp } from './otlp.ts';

const unavailable = await whyUnavailable(needCollector);

const aTarget = (url: string, over: Partial<OtlpTarget> = {}): OtlpTarget => ({
  url: new Secret(url),
  ...{ protocol: 'http/protobuf', headers: {}, compression: 'none', timeout: millis(2000) },
  ...{ caFile: '', certFile: '', keyFile: '' },
  ...over,
});

const configOf = (url: string, over: Partial<OtlpTarget> = {}): TelemetryConfig => ({
  metrics: aTarget(`${url}/v1/metrics`, over),
  traces: aTarget(`${url}/v1/traces`, over),
  logs: aTarget(`${url}/v1/logs`, over),
  ...{ interval: millis(1000), sampleRatio: 1, resource: { 'service.name': 'sluice' } },
});

const aLine = (message: string): SaidLine => ({
  ...{ at: millis(1_700_000_000_123.5), level: 'error', message },
  fields: { count: 3, route: 'ES' },
});

const aStep = { from: millis(1_700_000_000_000), to: millis(1_700_000_000_250), attributes: {} };

describe.skipIf(unavailable !== undefined)('telemetry', () => {
  let plain: Collector;
  let secured: Collector;
  let certificates: Certificates;
  const started: Telemetry[] = [];

  beforeAll(async () => {
    certificates = await makeCertificates();
    [plain, secured] = await Promise.all([startCollector(), startCollector({ tls: certificates })]);
  }, 120_000);
  afterEach(async () => {
    for (const each of started.splice(0)) await each.close();
  });
  afterAll(async () => {
    await plain.stop();
    await secured.stop();
  });

  async function start(config: TelemetryConfig) {
    const metrics = new CountingMetrics();
    const log = memoryLog();
    const telemetry = await startOtlp({
      ...{ config, version: '1.2.3', instance: 'me-1', host: 'me', clock: systemClock, log },
      ...{ mask: (text) => text.replaceAll('opensesame', '[secret]'), metrics },
      closingTime: millis(5000),
    });
    started.push(telemetry);
    return { telemetry, log, metrics };
  }

  const authority = () => ({
    caFile: certificates.caFile,
    certFile: certificates.certFile,
    keyFile: certificates.keyFile,
  });

  it.each([
    ['protobuf', () => [plain, {}] as const],
    ['JSON, compressed', () => [plain, { protocol: 'http/json', compression: 'gzip' }] as const],
    ['TLS of a private authority', () => [secured, authority()] as const],
  ])('arrives as it is at the stop, with %s', async (way, given) => {
    const [collector, over] = given();
    const { telemetry, log } = await start(configOf(collector.url, over));
    const metrics = createMetrics({ version: '1.2.3' });
    metrics.counter({ name: 'sluice_test_total', help: way }).add(7);
    telemetry.measure(() => metrics.everything());
    telemetry.hear?.(aLine(`said with ${way}`));
    telemetry.tracing?.traced({
      whole: { ...aStep, name: 'batch', attributes: { way } },
      steps: [
        {
          ...{ ...aStep, name: 'deliver', attributes: { way, records: 3, isLast: true } },
          failure: { kind: 'timeout', message: 'opensesame took too long' },
        },
      ],
    });
    await telemetry.close();

    expect(log.lines).toEqual([]);
    const { exports, lines, spans } = readTelemetry(await collector.received());
    expect(lines.find(({ body }) => body === `said with ${way}`)).toEqual({
      ...{ body: `said with ${way}`, severity: 'ERROR' },
      attributes: { count: 3, route: 'ES' },
    });
    const [root, step] = spans.filter(({ attributes }) => attributes['way'] === way);
    expect(root).toMatchObject({ name: 'batch', parent: '', error: undefined });
    expect(step).toMatchObject({
      ...{ name: 'deliver', parent: root?.id, trace: root?.trace },
      ...{ start: 1_700_000_000_000_000_000n, end: 1_700_000_000_250_000_000n },
      attributes: { records: 3, isLast: true, 'error.type': 'timeout' },
      error: '[secret] took too long',
    });
    const counted = exports.flat().filter(({ description }) => description === way);
    expect(counted.at(-1)?.sum).toMatchObject({
      ...{ isMonotonic: true, aggregationTemporality: 2 },
      dataPoints: [{ asDouble: 7 }],
    });
  });

  it('is not sent where nobody vouches for the receiver, and says so', async () => {
    const { telemetry, log, metrics } = await start(configOf(secured.url));
    telemetry.hear?.(aLine('for nobody'));
    await until('it has failed', () => metrics.of('sluice_telemetry_failures_total', 'logs') > 0);

    expect(log.warnings()).toContain('The service’s own telemetry could not be sent.');
    expect(log.text()).toMatch(/certificate/i);
  });

  it.each([
    ['tls_ca_file', { caFile: '/nowhere/ca.pem' }, 'sluice.telemetry.tls_ca_file cannot be read'],
    ['tls_key_file', {}, 'sluice.telemetry.tls_… cannot be used'],
  ])('does not start with %s that cannot be used', async (name, over, message) => {
    const { certFile, caFile } = certificates;
    const files = name === 'tls_key_file' ? { certFile, keyFile: caFile } : over;

    await expect(start(configOf(secured.url, files))).rejects.toThrow(message);
  });

  it('that waits for a receiver that was killed comes once it is back', async () => {
    const { telemetry, log } = await start(configOf(plain.url));
    await plain.kill9();
    telemetry.hear?.(aLine('while it was away'));
    await until('it has failed', () => log.warnings().length > 0);
    await plain.start();

    await until('the line has come', async () =>
      readTelemetry(await plain.received()).lines.some(({ body }) => body === 'while it was away'),
    );
  });

  it('is only asked for by the doctor', async () => {
    const before = (await plain.received()).length;
    const signals = ['metrics', 'traces', 'logs'] as const;
    const ask = (url: string) =>
      Promise.all(signals.map((signal) => askReceiver(signal, aTarget(`${url}/v1/${signal}`))));

    expect(await ask(plain.url)).toEqual([undefined, undefined, undefined]);
    expect((await plain.received()).length).toBe(before);
    for (const trouble of await ask(secured.url)) expect(trouble).toMatch(/certificate/i);
    expect(await askReceiver('logs', aTarget(`${plain.url}/elsewhere`))).toMatch(/^HTTP 404/);
    const { caFile } = certificates;
    expect(await askReceiver('logs', aTarget(plain.url, { caFile: `${caFile}x` }))).toContain(
      'tls_ca_file',
    );
  });
});

it('the real server is there', ({ skip }) => {
  if (unavailable !== undefined) skip(unavailable);
});
