import { gunzipSync } from 'node:zlib';
import * as vitest from 'vitest';
import { describe } from 'vitest';
import { aPreparedPump, FakeHttpServer, type SinkHarness, sinkContract } from '#pump/testing';
import { attributesOf, logsIn, metricsIn } from './decode.testing.ts';
import { FakeGrpcServer } from './grpc/server.testing.ts';
import otlp from './index.ts';

const secret = 'contract-key';

/** A receiver that refuses a request for one record, and does not say which. */
function receiver() {
  const received: string[] = [];
  return {
    received,
    /** Whether it took the request. */
    take: (body: Buffer): boolean => {
      const paths: string[] = [];
      for (const { attributes, body: line } of logsIn(body)) {
        const text = line?.stringValue ?? '';
        if (
          [text, attributesOf(attributes)['tyk.api.id']].some((each) =>
            String(each).includes('poison'),
          )
        )
          return false;
        paths.push(text);
      }
      received.push(...paths);
      return true;
    },
  };
}

describe.each([
  ['with a line', { body: 'line' }],
  ['with the document, compressed', { body: 'document', gzip: true }],
])('over HTTP, %s', (_, meta) => {
  sinkContract(vitest, 'otlp', () => anHttpHarness(meta));
});

describe.each([
  ['as it is', {}],
  ['compressed', { gzip: true }],
])('over gRPC, %s', (_, meta) => {
  sinkContract(vitest, 'otlp', () => aGrpcHarness(meta));
});

describe('metrics', () => {
  sinkContract(vitest, 'otlp', async () => {
    const server = await FakeHttpServer.start(({ headers, body }) => {
      if (headers['x-api-key'] !== secret) return { status: 401 };
      const isPoisoned = metricsIn(body).some((metric) =>
        metric.histogram.dataPoints?.some(
          ({ attributes }) => attributesOf(attributes)['tyk.api.id'] === 'poison',
        ),
      );
      return { status: isPoisoned ? 400 : 200, body: '' };
    });
    return {
      pump: aPreparedPump(otlp, {
        ...{ url: server.url, signal: 'metrics', headers: { 'X-Api-Key': secret } },
      }),
      // Counts name no record.
      cannotKnow: ['receipt'],
      secrets: [secret],
      poison: { api_id: 'poison' },
      refuses: 'request',
      received: () => Promise.resolve([]),
      break: () => server.close(),
      restore: () => server.listen(),
      stall: () => server.stall(),
      stop: () => server.close(),
    };
  });
});

async function anHttpHarness(meta: object): Promise<SinkHarness> {
  const { received, take } = receiver();
  const server = await FakeHttpServer.start(({ path, headers, body }) => {
    if (headers['x-api-key'] !== secret) return { status: 401 };
    if (path !== '/v1/logs') return { status: 404 };
    const isCompressed = headers['content-encoding'] === 'gzip';
    return { status: take(isCompressed ? gunzipSync(body) : body) ? 200 : 400, body: '' };
  });
  return {
    pump: aPreparedPump(otlp, { url: server.url, headers: { 'X-Api-Key': secret }, ...meta }),
    secrets: [secret],
    poison: { api_id: 'poison' },
    refuses: 'request',
    received: () => Promise.resolve(received),
    break: () => server.close(),
    restore: () => server.listen(),
    stall: () => server.stall(),
    stop: () => server.close(),
  };
}

async function aGrpcHarness(meta: object): Promise<SinkHarness> {
  const { received, take } = receiver();
  const server = await FakeGrpcServer.start(({ path, headers, message }) => {
    if (headers['x-api-key'] !== secret) return { status: 16 };
    if (!path.endsWith('logs.v1.LogsService/Export')) return { status: 12 };
    return { status: take(message) ? 0 : 3 };
  });
  return {
    pump: aPreparedPump(otlp, {
      ...{ url: server.url, protocol: 'grpc', headers: { 'X-Api-Key': secret } },
      ...meta,
    }),
    secrets: [secret],
    poison: { api_id: 'poison' },
    refuses: 'request',
    received: () => Promise.resolve(received),
    break: () => server.close(),
    restore: () => server.listen(),
    stall: () => server.stall(),
    stop: () => server.close(),
  };
}
