/** What OpenTelemetry's own library makes of the same things, byte by byte but for the order of fields. */
import { ProtobufLogsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { describe, expect, it } from 'vitest';
import { Batch, ByteWriter, millis } from '#pump';
import { aBatch, aContext, FakeClock } from '#pump/testing';
import { attributesOf, decodeLogs, decodeMetrics, logsIn, metricsIn } from './decode.testing.ts';
import { envelopeOf } from './envelope.ts';
import { attributesShape } from './logs/document.ts';
import { logsEncoder } from './logs/encode.ts';
import { labelsOf } from './metrics/attributes.ts';
import { Counting } from './metrics/counting.ts';
import { instrumentsOf } from './metrics/instruments.ts';
import { metricsSignal } from './metrics/signal.ts';

type Logs = Parameters<typeof ProtobufLogsSerializer.serializeRequest>[0];
type Metrics = Parameters<typeof ProtobufMetricsSerializer.serializeRequest>[0];

const resource = { attributes: { 'service.name': 'gateway', region: 'eu' } };
const instrumentationScope = { name: 'sluice' };
const envelope = () => envelopeOf(resource.attributes);
const hrTime = (nanos = 0n): [number, number] => [
  Number(nanos / 1_000_000_000n),
  Number(nanos % 1_000_000_000n),
];

const head = (index: number) =>
  `GET / HTTP/1.1\r\nTraceparent: 00-${'a'.repeat(31)}${index % 10}-${'b'.repeat(16)}-0${index % 2}\r\n\r\n`;

const calls = aBatch(50, (index) => ({
  ...{ method: ['GET', 'get', 'BREW'][index % 3] ?? '', path: '/ü'.repeat(index * 5) },
  ...{ response_code: 100 + index * 13, content_length: 2 ** index, tags: ['a', 'ß'] },
  ...{ host: `h:${index + 1}`, request_time: index * 40 },
  ...{ raw_request: Buffer.from(head(index)).toString('base64') },
  ...{
    latency: { total: -index, upstream: index },
    geo: { location: { latitude: (2 * index + 1) / 14 } },
  },
  timestamp: { seconds: 1_710_109_320 + index, nanos: index * 1_000_001 },
}));

describe('the library says the same', () => {
  it('of log records', () => {
    const encode = logsEncoder({ body: 'line', document: attributesShape, envelope: envelope() });
    const ours = Buffer.from(encode(calls, millis(1_710_109_321_500), new ByteWriter()));

    // It knows no object of ours: made of what was sent, as its SDK would have it.
    const logs = logsIn(ours).map((log) => ({
      ...{ resource, instrumentationScope, droppedAttributesCount: 0 },
      ...{ hrTime: hrTime(log.timeUnixNano), hrTimeObserved: hrTime(log.observedTimeUnixNano) },
      ...{ severityNumber: Number(log.severityNumber ?? 0), severityText: log.severityText },
      ...{ body: log.body?.stringValue, attributes: attributesOf(log.attributes) },
      spanContext: { traceId: log.traceId, spanId: log.spanId, traceFlags: log.flags },
    })) as unknown as Logs;
    const theirs = ProtobufLogsSerializer.serializeRequest(logs);

    expect(logs).toHaveLength(calls.size);
    expect(decodeLogs(ours)).toEqual(decodeLogs(theirs ?? Buffer.alloc(0)));
  });

  it.each(['delta', 'cumulative'] as const)('of metrics as %s', async (temporality) => {
    const clock = new FakeClock();
    const counting = new Counting(
      instrumentsOf(['http.server.request.duration', 'http.server.request.body.size']).map(
        (instrument) => ({ instrument, bounds: [0.005, 0.1, 1] }),
      ),
      {
        labels: labelsOf(['http.request.method', 'http.response.status_code']),
        ...{ fixed: [], most: 1_000, weighs: false },
      },
    );
    const { log } = aContext();
    const signal = metricsSignal({ counting, envelope: envelope(), temporality, clock, log });
    await clock.advance(5_000);
    const ours = Buffer.from(signal.write(Batch.of(calls.entries), new ByteWriter()).body);

    const metrics = {
      resource,
      scopeMetrics: [
        {
          scope: instrumentationScope,
          metrics: metricsIn(ours).map(({ histogram, ...metric }) => ({
            descriptor: { ...metric, valueType: 1 },
            aggregationTemporality: Number(histogram.aggregationTemporality) - 1,
            dataPointType: 0,
            dataPoints: histogram.dataPoints?.map((point) => ({
              startTime: hrTime(point.startTimeUnixNano),
              endTime: hrTime(point.timeUnixNano),
              attributes: attributesOf(point.attributes),
              value: {
                buckets: {
                  boundaries: point.explicitBounds,
                  counts: point.bucketCounts.map(Number),
                },
                ...{ sum: point.sum, count: Number(point.count) },
              },
            })),
          })),
        },
      ],
    } as unknown as Metrics;
    const theirs = ProtobufMetricsSerializer.serializeRequest(metrics);

    expect(decodeMetrics(ours)).toEqual(decodeMetrics(theirs ?? Buffer.alloc(0)));
  });
});
