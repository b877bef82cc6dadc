/** HTTP/2 as Node's own client and server, and gRPC's, write it; taken down between them, and looked at as packets. */
import { once } from 'node:events';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import {
  credentials,
  Server as GrpcServer,
  loadPackageDefinition,
  ServerCredentials,
  status,
} from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { ScriptedConnection } from './connection.testing.ts';
import { inspect, textOf } from './packets.testing.ts';

type Said = (readonly ['client' | 'server', Buffer])[];

/** A way to a server that writes down what passes. */
async function between(
  port: number,
): Promise<{ readonly port: number; readonly said: Said; close(): Promise<void> }> {
  const said: Said = [];
  const sockets: Socket[] = [];
  const server: Server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.on('data', (bytes: Buffer) => said.push(['client', bytes]));
    upstream.on('data', (bytes: Buffer) => said.push(['server', bytes]));
    client.pipe(upstream).pipe(client);
    sockets.push(client, upstream);
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    said,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Calls over one connection of Node's, all at a time. */
async function overNode(calls: number): Promise<Said> {
  const server = createHttp2Server().on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      stream.additionalHeaders({ ':status': 103 });
      stream.respond(
        { ':status': 201, 'x-own': 'value', 'x-path': headers[':path'] },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-trailer': 'behind' }));
      stream.end(Buffer.concat(chunks));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const way = await between((server.address() as AddressInfo).port);
  const session = connectHttp2(`http://127.0.0.1:${way.port}`);
  await Promise.all(
    Array.from({ length: calls }, async (_, index) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': `/call/${index}?q=1`,
        ':authority': 'shop.example:8080',
        'x-id': String(index),
        cookie: 'a=b',
      });
      stream.end(`body ${index} `.repeat(index * 100));
      stream.resume();
      await once(stream, 'close');
    }),
  );
  session.close();
  await once(session, 'close');
  await way.close();
  server.close();
  return way.said;
}

function packets(said: Said, segmentSize = 1448): ScriptedConnection {
  const connection = new ScriptedConnection({
    server: { address: '10.0.0.9', port: 8080 },
    segmentSize,
  }).open();
  for (const [from, bytes] of said) connection.say(from, bytes);
  return connection;
}

describe('HTTP/2 in the clear', () => {
  it.each([1448, 100, 1])(
    'becomes exchanges, one for each stream, in segments of %d',
    async (size) => {
      const calls = size === 1 ? 3 : 20;
      const { exchanges, counters } = inspect(packets(await overNode(calls), size).close().frames);

      expect(exchanges).toHaveLength(calls);
      for (const { request, response, error } of exchanges) {
        const index = Number(request.target.slice(6, -4));
        const body = `body ${index} `.repeat(index * 100);
        expect(error).toBeUndefined();
        expect(request).toMatchObject({
          method: 'POST',
          host: 'shop.example:8080',
          httpVersion: '2.0',
        });
        expect(request.rawHeaders).toEqual(['x-id', String(index), 'cookie', 'a=b']);
        expect(textOf(request.body)).toBe(body);
        expect(response).toMatchObject({ status: 201, reason: '', httpVersion: '2.0' });
        expect(response?.rawHeaders).toEqual(
          expect.arrayContaining(['x-path', request.target, 'x-trailer', 'behind']),
        );
        expect(textOf(response?.body)).toBe(body);
      }
      expect(counters.before.ports['8080']).toMatchObject({
        httpRequests: calls,
        httpResponses: calls,
        http2Prefaces: 1,
        unparsed: 0,
        recognised: {},
      });
    },
  );

  it('is read on behind a hole within a body, and no further where headers are missing', async () => {
    const said = await overNode(1);
    const [body, head] = [Buffer.alloc(3000, 0x78), Buffer.from([0, 0x0b, 0xb8, 0, 0, 0, 0, 0, 1])];
    const { preface, headers } = openingOf(said);
    const start = (): ScriptedConnection =>
      packets([['client', Buffer.concat([preface, headers])]]);

    const within = start().say('client', Buffer.concat([head, body.subarray(0, 1000)]));
    within
      .lose('client', 1000)
      .wait(1)
      .say('client', body.subarray(0, 1000))
      .wait(200)
      .add('server', 16);
    const [kept] = inspect(within.frames).exchanges;
    expect(kept?.request.body.length).toBe(3000);
    expect(textOf(kept?.request.body)).toBe('x'.repeat(1000));

    const beyond = start()
      .lose('client', 50)
      .wait(1)
      .say('client', Buffer.concat([head, body]))
      .wait(200)
      .add('server', 16);
    const { exchanges, counters } = inspect(beyond.frames);
    expect(exchanges.map(({ error }) => error?.kind)).toEqual(['unseen']);
    expect(counters.before.ports['8080']?.unparsed).toBeGreaterThan(0);
  });

  it('that a connection is upgraded to answers the request that asked for it', async () => {
    const said = await overNode(1);
    const fromServer = Buffer.concat(
      said.filter(([from]) => from === 'server').map(([, bytes]) => bytes),
    );
    const { preface } = openingOf(said);
    const connection = packets([
      [
        'client',
        Buffer.from(
          'GET /up HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
        ),
      ],
      [
        'server',
        Buffer.concat([
          Buffer.from(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
          ),
          fromServer,
        ]),
      ],
      ['client', preface],
    ]);

    const { exchanges, counters } = inspect(connection.close().frames);

    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]).toMatchObject({
      request: { target: '/up', httpVersion: '1.1' },
      response: { status: 201, httpVersion: '2.0' },
      error: undefined,
    });
    expect(counters.before.ports['8080']).toMatchObject({ http2Prefaces: 1, unparsed: 0 });
  });

  it('that carries gRPC is recognised by its name, and its status is in the record', async () => {
    const echo = {
      path: '/shop.Orders/Get',
      requestStream: false,
      responseStream: false,
      requestSerialize: asBuffer,
      requestDeserialize: asBuffer,
      responseSerialize: asBuffer,
      responseDeserialize: asBuffer,
    };
    const definition = { Get: { ...echo, originalName: 'get' } } as never;
    const server = new GrpcServer();
    server.addService(definition, {
      get: (call: { request: Buffer }, done: (error: object | null, reply?: Buffer) => void) =>
        call.request.length > 3
          ? done(null, call.request)
          : done({ code: status.NOT_FOUND, details: 'none' }),
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const way = await between(port);
    const { Orders } = loadPackageDefinition({ Orders: definition }) as never as {
      Orders: new (
        address: string,
        how: unknown,
      ) => { get(request: Buffer, done: (error: unknown) => void): void; close(): void };
    };
    const client = new Orders(`127.0.0.1:${way.port}`, credentials.createInsecure());
    for (const text of ['order 7', 'x'])
      await new Promise((resolve) => client.get(Buffer.from(text), resolve));
    client.close();
    server.forceShutdown();
    await way.close();

    const { exchanges, counters } = inspect(packets(way.said).close().frames);

    expect(exchanges.map(({ request }) => request.target)).toEqual([
      '/shop.Orders/Get',
      '/shop.Orders/Get',
    ]);
    const statuses = exchanges.map(
      ({ response }) => response?.rawHeaders[response.rawHeaders.indexOf('grpc-status') + 1],
    );
    expect(statuses).toEqual(['0', '5']);
    expect(textOf(exchanges[0]?.request.body)).toBe('\0\0\0\0\x07order 7');
    expect(counters.before.ports['8080']).toMatchObject({
      recognised: { grpc: 1 },
      http2Prefaces: 1,
    });
  });
});

const asBuffer = (bytes: Buffer): Buffer => bytes;

/** What the client said up to its first headers, and these. */
function openingOf(said: Said): { readonly preface: Buffer; readonly headers: Buffer } {
  const all = Buffer.concat(said.filter(([from]) => from === 'client').map(([, bytes]) => bytes));
  let at = 24;
  while (all[at + 3] !== 1) at += 9 + all.readUIntBE(at, 3);
  return {
    preface: all.subarray(0, at),
    headers: all.subarray(at, at + 9 + all.readUIntBE(at, 3)),
  };
}
