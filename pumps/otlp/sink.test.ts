import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Delivery, Sink } from '#pump';
import {
  aBatch,
  aContext,
  aPreparedPump,
  FakeHttpServer,
  failureOf,
  LocalServer,
  outcomesOf,
  type Reply,
} from '#pump/testing';
import { makeCertificates } from '../../test/services/certificates.ts';
import { logsIn, metricsIn } from './decode.testing.ts';
import { FakeGrpcServer, type GrpcReply, type GrpcRequest } from './grpc/server.testing.ts';
import otlp from './index.ts';

const signal = AbortSignal.timeout(20_000);
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function open(meta: object): Promise<Sink> {
  const sink = await aPreparedPump(otlp, meta).open(aContext(), signal);
  opened.push(() => sink.close(signal));
  return sink;
}

async function httpServer(reply: Reply = { status: 200 }): Promise<FakeHttpServer> {
  const server = await FakeHttpServer.start(() => reply);
  opened.push(() => server.close());
  return server;
}

async function grpcServer(
  answer: (request: GrpcRequest) => GrpcReply,
  tls?: Parameters<typeof FakeGrpcServer.start>[1],
): Promise<FakeGrpcServer> {
  const server = await FakeGrpcServer.start(answer, tls);
  opened.push(() => server.close());
  return server;
}

const failure = ({ verdicts }: Delivery) => failureOf(verdicts[0]);

/** `Export…ServiceResponse { partial_success { rejected: 1 } }`. */
const oneRefused = Buffer.from([0x0a, 2, 0x08, 1]);

describe('over HTTP, a request', () => {
  it.each([
    ['', 'logs', '/v1/logs'],
    ['/', 'logs', '/v1/logs'],
    ['/otlp', 'logs', '/otlp/v1/logs'],
    ['/otlp/v1/logs', 'logs', '/otlp/v1/logs'],
    ['/otlp/v1/logs/', 'logs', '/otlp/v1/logs/'],
    ['', 'metrics', '/v1/metrics'],
    ['/v1/logs', 'metrics', '/v1/logs/v1/metrics'],
  ])('to "%s" with %s goes to %s', async (path, kind, expected) => {
    const server = await httpServer();
    const sink = await open({ url: `${server.url}${path}?key=x`, signal: kind });

    await sink.deliver(aBatch(3), signal);

    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: expected });
    expect(String(request?.query)).toBe('key=x');
    expect(request?.headers['content-type']).toBe('application/x-protobuf');
    const read = kind === 'logs' ? logsIn : metricsIn;
    expect(read(request?.body ?? Buffer.alloc(0)).length).toBe(kind === 'logs' ? 3 : 2);
  });

  it('signs in with the user of the address, or with what the operator says', async () => {
    const server = await httpServer();
    const url = server.url.replace('//', '//me:p%40ss@');
    for (const headers of [{}, { Authorization: 'Api-Key 1' }])
      await (await open({ url, headers })).deliver(aBatch(1), signal);

    expect(server.requests.map(({ headers }) => headers['authorization'])).toEqual([
      `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
      'Api-Key 1',
    ]);
  });

  it('of which some records were refused is refused as a whole, so that it is halved', async () => {
    const headers = { 'content-type': 'application/json' };
    const body = { partialSuccess: { rejectedLogRecords: '1', errorMessage: 'no a-secret' } };
    const server = await httpServer({ status: 200, headers, body });
    const sink = await open({ url: server.url });

    const delivery = await sink.deliver(aBatch(3), signal);

    expect(delivery.ofRequest?.outcome).toBe('reject');
    expect(failure(delivery)).toMatchObject({
      kind: 'invalid',
      message: 'The receiver refused 1 of the log records of a request, and does not say which.',
    });
  });

  it.each([
    [200, 'up'],
    [400, 'up'],
    [401, 'down'],
    [404, 'down'],
    [503, 'down'],
  ])('without records, answered with %i, says that the receiver is %s', async (status, state) => {
    const server = await httpServer({ status });

    expect((await (await open({ url: server.url })).check(signal)).state).toBe(state);
    expect(server.requests[0]?.body).toHaveLength(0);
  });
});

describe('over gRPC, a request', () => {
  const taken = { status: 0 };

  it.each([
    ['logs', '/opentelemetry.proto.collector.logs.v1.LogsService/Export'],
    ['metrics', '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export'],
  ])('with %s goes to %s', async (kind, path) => {
    const requests: GrpcRequest[] = [];
    const server = await grpcServer((request) => (requests.push(request), taken));
    const meta = { url: `${server.url}/any`, protocol: 'grpc', signal: kind };

    const { verdicts } = await (await open(meta)).deliver(aBatch(2), signal);

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered']);
    expect(requests[0]).toMatchObject({
      path,
      headers: { 'content-type': 'application/grpc', te: 'trailers' },
    });
    const read = kind === 'logs' ? logsIn : metricsIn;
    expect(read(requests[0]?.message ?? Buffer.alloc(0)).length).toBe(2);
  });

  it('goes over TLS, to a server that the operator’s authority vouches for', async () => {
    const certificates = await makeCertificates();
    const server = await grpcServer(() => taken, certificates);
    const meta = { url: server.url, protocol: 'grpc' };

    const known = await open({ ...meta, ssl_ca_file: certificates.caFile });
    const stranger = await open(meta);

    expect(outcomesOf((await known.deliver(aBatch(1), signal)).verdicts)).toEqual(['delivered']);
    expect(failure(await stranger.deliver(aBatch(1), signal)).message).toContain('ssl_ca_file');
  });

  it('of which some records were refused is refused as a whole', async () => {
    const server = await grpcServer(() => ({ status: 0, message: oneRefused }));
    const sink = await open({ url: server.url, protocol: 'grpc' });

    const delivery = await sink.deliver(aBatch(3), signal);

    expect(delivery.ofRequest?.outcome).toBe('reject');
  });

  it('waits as long as the receiver wants', async () => {
    const info = Buffer.concat([
      Buffer.from([0x1a, 48, 0x0a, 40]),
      Buffer.from('type.googleapis.com/google.rpc.RetryInfo'),
      Buffer.from([0x12, 4, 0x0a, 2, 0x08, 9]),
    ]);
    const trailers = { 'grpc-status-details-bin': info.toString('base64') };
    const server = await grpcServer(() => ({ status: 14, trailers }));
    const sink = await open({ url: server.url, protocol: 'grpc' });

    expect((await sink.deliver(aBatch(1), signal)).verdicts).toMatchObject([
      { outcome: 'retry', after: 9_000, failure: { kind: 'unreachable' } },
    ]);
  });

  it.each<[string, (stream: ServerHttp2Stream) => void, string]>([
    ['ends without a status', (stream) => stream.respond({}, { endStream: true }), 'unreachable'],
    ['is a page', (stream) => (stream.respond({ ':status': 404 }), stream.end('x')), 'unexpected'],
    [
      'is a refusal of a proxy',
      (stream) => stream.respond({ ':status': 503 }, { endStream: true }),
      'unreachable',
    ],
    ['is a connection that breaks', (stream) => stream.session?.destroy(), 'unreachable'],
    ['is a stream that breaks', (stream) => stream.close(2), 'unexpected'],
  ])('whose answer %s is sent again', async (_, answer, kind) => {
    const server = new LocalServer(() => {
      const made = createHttp2Server();
      made.on('stream', (stream: ServerHttp2Stream) => {
        stream.on('error', () => undefined);
        answer(stream);
      });
      return made;
    });
    await server.listen();
    opened.push(() => server.close());
    const sink = await open({ url: `http://127.0.0.1:${server.port}`, protocol: 'grpc' });

    for (let attempt = 0; attempt < 2; attempt++)
      expect(failure(await sink.deliver(aBatch(1), signal)).kind).toBe(kind);
  });

  it('to a server of HTTP/1 says so in time', async () => {
    const server = new LocalServer(() =>
      createServer((socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      ),
    );
    await server.listen();
    opened.push(() => server.close());
    const sink = await open({ url: `http://127.0.0.1:${server.port}`, protocol: 'grpc' });

    expect((await sink.deliver(aBatch(1), signal)).verdicts).toMatchObject([{ outcome: 'retry' }]);
  });

  it('that nobody answers ends at its deadline, and the next one has a connection of its own', async () => {
    const server = await grpcServer(() => taken);
    await server.stall();
    const sink = await open({ url: server.url, protocol: 'grpc' });

    const first = failure(await sink.deliver(aBatch(1), AbortSignal.timeout(100)));
    await server.listen();
    const { verdicts } = await sink.deliver(aBatch(1), signal);

    expect(first).toMatchObject({ kind: 'timeout' });
    expect(outcomesOf(verdicts)).toEqual(['delivered']);
  });

  it('to nobody is told with the address', async () => {
    const server = await grpcServer(() => taken);
    await server.close();
    const sink = await open({ url: server.url, protocol: 'grpc' });

    expect(failure(await sink.deliver(aBatch(1), signal))).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining(`No answer from ${server.url}: `) as unknown,
    });
  });
});
