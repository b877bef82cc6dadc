import * as vitest from 'vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aBatch,
  answerOnce,
  aPreparedPump,
  deliverOnce,
  outcomesOf,
  sinkContract,
} from '#pump/testing';
import { type Collector, needCollector, startCollector } from '../../test/services/otelcol.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import otlp from './index.ts';

interface Value {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly arrayValue?: { readonly values: readonly Value[] };
}
interface Attribute {
  readonly key: string;
  readonly value: Value;
}
interface LogRecord {
  readonly attributes?: readonly Attribute[];
  readonly body: Value;
}
interface Metric {
  readonly name: string;
  readonly histogram: {
    readonly aggregationTemporality: number;
    readonly dataPoints: readonly {
      readonly count: string;
      readonly sum: number;
      readonly bucketCounts: readonly string[];
      readonly attributes: readonly Attribute[];
    }[];
  };
}
interface Received {
  readonly resourceLogs?: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeLogs: readonly { readonly logRecords: readonly LogRecord[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

const obstacle = await whyUnavailable(needCollector);

/** A Collector, and what it understood, as its own JSON of it says. */
describe.skipIf(obstacle !== undefined)('a real Collector', () => {
  let collector: Collector;

  beforeAll(async () => {
    collector = await startCollector();
  });
  afterAll(() => collector.stop());

  const received = async () => (await collector.received()) as readonly Received[];
  const logs = async () =>
    (await received()).flatMap(({ resourceLogs = [] }) =>
      resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)),
    );
  const metaOf = (protocol: string, more: object = {}) => ({
    ...{ url: protocol === 'grpc' ? collector.grpcUrl : collector.url, protocol },
    ...more,
  });

  describe.each([
    ['http/protobuf', {}],
    ['http/protobuf', { gzip: true, body: 'document' }],
    ['grpc', {}],
    ['grpc', { gzip: true }],
  ])('over %s with %o', (protocol, more) => {
    sinkContract(vitest, 'otlp', () =>
      Promise.resolve({
        pump: aPreparedPump(otlp, metaOf(protocol, more)),
        received: async () => (await logs()).map(({ body }) => body.stringValue ?? ''),
        break: () => collector.kill9(),
        restore: () => collector.start(),
        stop: () => Promise.resolve(),
      }),
    );
  });

  it.each(['http/protobuf', 'grpc'])('has all of a record, over %s', async (protocol) => {
    const api_id = `whole-${protocol}`;
    const head =
      'POST /pets HTTP/1.1\r\nHost: x\r\nTraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n{}';

    const verdicts = await deliverOnce(
      aPreparedPump(otlp, metaOf(protocol, { resource: { region: 'eu' } })),
      aBatch(
        1,
        {
          ...{ api_id, method: 'POST', path: '/pets/ü', response_code: 503, tags: ['a', 'b'] },
          ...{ host: '[::1]:8080', raw_request: Buffer.from(head).toString('base64') },
          ...{ request_time: 2 ** 40, timestamp: { seconds: 1_710_109_320, nanos: 5 } },
        },
        'seg',
      ),
    );

    expect(outcomesOf(verdicts)).toEqual(['delivered']);
    const has = (record: LogRecord): boolean =>
      record.attributes?.some(({ value }) => value.stringValue === api_id) === true;
    expect((await logs()).filter(has)).toMatchObject([
      {
        timeUnixNano: '1710109320000000005',
        severityNumber: 17,
        severityText: 'ERROR',
        body: { stringValue: 'POST /pets/ü 503' },
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        spanId: '00f067aa0ba902b7',
        flags: 1,
        attributes: expect.arrayContaining([
          { key: 'http.request.method', value: { stringValue: 'POST' } },
          { key: 'url.path', value: { stringValue: '/pets/ü' } },
          { key: 'http.response.status_code', value: { intValue: '503' } },
          { key: 'server.address', value: { stringValue: '::1' } },
          { key: 'server.port', value: { intValue: '8080' } },
          { key: 'network.protocol.version', value: { stringValue: '1.1' } },
          { key: 'tyk.request_time', value: { intValue: String(2 ** 40) } },
          {
            key: 'tyk.tags',
            value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } },
          },
          { key: 'log.record.uid', value: { stringValue: 'seg:0' } },
        ]) as unknown,
      },
    ]);
    const whole = (await received()).find((each) => JSON.stringify(each).includes(api_id));
    expect(whole?.resourceLogs?.[0]?.resource.attributes).toEqual([
      { key: 'service.name', value: { stringValue: 'tyk-gateway' } },
      { key: 'region', value: { stringValue: 'eu' } },
    ]);
  });

  it('refuses a message of gRPC that is larger than it reads, which is then halved', async () => {
    const meta = metaOf('grpc', { batch_records: 5_000, batch_bytes: '32MiB' });
    const batch = aBatch(5_000, { user_agent: 'x'.repeat(1_000) });

    const { ofRequest } = await answerOnce(aPreparedPump(otlp, meta), batch);

    expect(ofRequest).toMatchObject({ outcome: 'retry', failure: { kind: 'oversize' } });
  });

  it.each([
    ['http/protobuf', 'delta', 1],
    ['grpc', 'cumulative', 2],
  ] as const)('has metrics, over %s with %s', async (protocol, temporality, number) => {
    const api_id = `metrics-${temporality}`;
    const pump = aPreparedPump(otlp, metaOf(protocol, { signal: 'metrics', temporality }));

    await deliverOnce(
      pump,
      aBatch(10, (index) => ({ api_id, request_time: index < 7 ? 3 : 700 })),
    );

    const all = (await received()).flatMap(({ resourceMetrics = [] }) =>
      resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)),
    );
    const mine = all.filter((metric) => JSON.stringify(metric).includes(api_id));
    expect(mine.map(({ name }) => name)).toEqual([
      'http.server.request.duration',
      'tyk.upstream.request.duration',
    ]);
    expect(mine[0]?.histogram).toMatchObject({
      aggregationTemporality: number,
      dataPoints: [
        {
          count: '10',
          sum: expect.closeTo(2.121) as unknown,
          bucketCounts: ['7', '0', '0', '0', '0', '0', '0', '0', '3', '0', '0', '0', '0', '0', '0'],
          attributes: expect.arrayContaining([
            { key: 'http.request.method', value: { stringValue: 'GET' } },
            { key: 'http.response.status_code', value: { intValue: '200' } },
            { key: 'tyk.api.id', value: { stringValue: api_id } },
          ]) as unknown,
        },
      ],
    });
  });
});

it('the real server is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});
