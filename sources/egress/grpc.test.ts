import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../../test/services/certificates.ts';
import { startEntry } from './egress.testing.ts';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates({ names: ['grpc.example.com'] });
});

const stops: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const bytes = (value: Buffer): Buffer => value;
const method = (path: string, isStream: boolean) => ({
  ...{ path, requestStream: isStream, responseStream: isStream },
  ...{ requestSerialize: bytes, requestDeserialize: bytes },
  ...{ responseSerialize: bytes, responseDeserialize: bytes },
});
const service = {
  echo: method('/test.Echo/Echo', false),
  talk: method('/test.Echo/Talk', true),
} satisfies ServiceDefinition;

/** A server of grpc-js that says what it was told, and refuses `no`. */
async function startServer(secured: ServerCredentials): Promise<number> {
  const server = new Server();
  server.addService(service, {
    echo: ({ request }: { request: Buffer }, done: (error: unknown, answer?: Buffer) => void) =>
      request.toString() === 'no'
        ? done({ code: status.FAILED_PRECONDITION, details: 'not today' })
        : done(null, request),
    talk: (call: NodeJS.ReadWriteStream) => {
      call.on('data', (request: Buffer) => call.write(Buffer.concat([request, Buffer.from('!')])));
      call.on('end', () => call.end());
    },
  } as never);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', secured, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  stops.push(() => server.forceShutdown());
  return port;
}

const rules = (port: number, tls = ''): string => `
entries:
- name: grpc
  hosts: [grpc.example.com]
  ports: [{number: 50051, protocol: GRPC, targetPort: ${port}}]
  addresses: [127.0.0.1]
${tls}`;

/** A client that speaks HTTP/2 to the entry, for whom its `:authority` says. */
function clientOf(port: number, authority: string): Client {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.default_authority': authority,
    'grpc.enable_http_proxy': 0,
  });
  stops.push(() => client.close());
  return client;
}

const echo = (client: Client, text: string): Promise<string> =>
  new Promise((resolve, reject) =>
    client.makeUnaryRequest(service.echo.path, bytes, bytes, Buffer.from(text), (error, answer) =>
      error === null ? resolve(String(answer)) : reject(error),
    ),
  );

it('carries gRPC, its streams and its trailers', async () => {
  const entry = await startEntry(rules(await startServer(ServerCredentials.createInsecure())));
  stops.push(() => entry.stop());
  const client = clientOf(entry.port, 'grpc.example.com:50051');
  expect(await echo(client, 'hello')).toBe('hello');
  await expect(echo(client, 'no')).rejects.toMatchObject({
    ...{ code: status.FAILED_PRECONDITION, details: 'not today' },
  });
  const call = client.makeBidiStreamRequest(service.talk.path, bytes, bytes);
  const said: string[] = [];
  for (const text of ['a', 'b', 'c']) {
    call.write(Buffer.from(text));
    said.push(
      await new Promise((resolve) =>
        call.once('data', (answer: Buffer) => resolve(String(answer))),
      ),
    );
  }
  const ended = once(call, 'status');
  call.resume().end();
  expect((await ended)[0]).toMatchObject({ code: status.OK });
  expect(said).toEqual(['a!', 'b!', 'c!']);
  const exchange = await entry.exchange(({ request }) => request.target === '/test.Echo/Echo');
  expect(exchange).toMatchObject({ request: { httpVersion: '2.0' }, call: { apiId: 'grpc' } });
});

it('carries gRPC to a server with TLS, which begins here', async () => {
  const { ca, cert, key } = certificates;
  const secured = ServerCredentials.createSsl(null, [{ cert_chain: cert, private_key: key }]);
  const tls = '  tls: {mode: SIMPLE, caCertificates: ca.pem}\n';
  const entry = await startEntry(rules(await startServer(secured), tls), {
    files: { 'ca.pem': ca },
  });
  stops.push(() => entry.stop());
  expect(await echo(clientOf(entry.port, 'grpc.example.com:50051'), 'hello')).toBe('hello');
});

it('serves no CONNECT of HTTP/2', async () => {
  const entry = await startEntry(rules(1));
  stops.push(() => entry.stop());
  const session = connectHttp2(entry.url);
  stops.push(() => session.destroy());
  const stream = session.request({
    ':method': 'CONNECT',
    ':authority': 'grpc.example.com:50051',
  });
  const [headers] = (await once(stream, 'response')) as [{ ':status': number }];
  expect(headers[':status']).toBe(405);
  stream.close();
});

it('denies gRPC with a status that its clients know', async () => {
  const entry = await startEntry(rules(1));
  stops.push(() => entry.stop());
  await expect(echo(clientOf(entry.port, 'other.example:50051'), 'hello')).rejects.toMatchObject({
    code: status.PERMISSION_DENIED,
  });
});

it('carries gRPC in a CONNECT, as its clients ask for it where a proxy is set', async () => {
  const entry = await startEntry(rules(await startServer(ServerCredentials.createInsecure())));
  stops.push(() => entry.stop());
  const before = process.env['grpc_proxy'];
  process.env['grpc_proxy'] = entry.url;
  const client = new Client('grpc.example.com:50051', credentials.createInsecure());
  if (before === undefined) delete process.env['grpc_proxy'];
  stops.push(() => client.close());
  expect(await echo(client, 'hello')).toBe('hello');
});
