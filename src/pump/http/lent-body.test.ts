import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../../../test/services/certificates.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { LocalServer } from '../testing/local-server.ts';
import { createHttpClient } from './client.ts';

const poison = 0xdd;
/** More than all the buffers between two sockets of one machine take. */
const size = 16 * 1024 * 1024;
const good = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const last = 'HTTP/1.1 413 No\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}';

/** A connection as the server has it. */
interface Heard {
  readonly socket: Socket;
  /** Bytes that came. */
  readonly count: () => number;
}

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** A server that does with a connection what it is told, and looks for poison in whatever arrives. */
async function aServer(behave: (heard: Heard) => void, certificates?: Certificates) {
  let poisoned = 0;
  const connections: Heard[] = [];
  const serve = (socket: Socket): void => {
    let count = 0;
    socket.on('data', (chunk: Buffer) => {
      count += chunk.length;
      if (chunk.includes(poison)) poisoned += 1;
    });
    socket.on('error', () => undefined);
    const heard = { socket, count: () => count };
    connections.push(heard);
    behave(heard);
  };
  const local = new LocalServer(
    (): Server =>
      certificates === undefined ? createServer(serve) : createTlsServer(certificates, serve),
  );
  await local.listen();
  const client = createHttpClient({
    url: new URL(`${certificates === undefined ? 'http' : 'https'}://127.0.0.1:${local.port}`),
    ...(certificates === undefined ? {} : { tls: { ca: certificates.ca } }),
    clock: new FakeClock(),
    proxy: undefined,
  });
  opened.push(
    () => local.close(),
    () => client.close(),
  );
  return { client, connections, poisoned: () => poisoned };
}

/** Whatever is still on its way has arrived, and nothing more comes. */
async function allHeard(connections: readonly Heard[]): Promise<void> {
  for (const { socket } of connections) socket.resume();
  await expect
    .poll(() => connections.every(({ socket }) => socket.destroyed || socket.readableEnded), {
      timeout: 10_000,
    })
    .toBe(true);
}

describe.each([
  ['http', undefined],
  ['https', await makeCertificates({ names: ['localhost'] })],
] as const)('a body by %s, written over once it is given back,', (_, certificates) => {
  const send = async (behave: (heard: Heard) => void, signal = AbortSignal.timeout(20_000)) => {
    const server = await aServer(behave, certificates);
    const body = Buffer.alloc(size, 'a');
    const outcome = await server.client.send({ method: 'POST', path: '/', body }, signal);
    body.fill(poison);
    return { ...server, outcome };
  };

  it('arrives whole at a server that reads slowly', async () => {
    const { outcome, connections, poisoned, client } = await send(({ socket, count }) => {
      socket.on('data', () => {
        socket.pause();
        setImmediate(() => socket.resume());
        if (count() > size) socket.write(good);
      });
    });

    expect(outcome).toMatchObject({ ok: true, answer: { status: 200 } });
    client.close();
    await allHeard(connections);
    expect(poisoned()).toBe(0);
    expect(connections[0]?.count()).toBeGreaterThan(size);
  });

  it.each([
    ['and keeps the connection', good, 200],
    ['and closes it', last, 413],
  ])('is cut off where the server answers early %s', async (_how, answer, status) => {
    const { outcome, connections, poisoned } = await send(({ socket }) => {
      socket.once('data', () => {
        socket.pause();
        socket.write(answer);
      });
    });

    expect(outcome).toMatchObject({ ok: true, answer: { status } });
    await allHeard(connections);
    expect(poisoned()).toBe(0);
    expect(connections[0]?.count()).toBeLessThan(size);
  });

  it('is cut off by the abort', async () => {
    const abort = new AbortController();
    const { outcome, connections, poisoned } = await send(({ socket }) => {
      socket.once('data', () => {
        socket.pause();
        setImmediate(() => abort.abort());
      });
    }, abort.signal);

    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'timeout' } });
    await allHeard(connections);
    expect(poisoned()).toBe(0);
  });

  it('is cut off where the server resets the connection', async () => {
    const { outcome, connections, poisoned } = await send(({ socket, count }) => {
      socket.on('data', () => {
        if (count() > size / 2) socket.destroy();
      });
    });

    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    await allHeard(connections);
    expect(poisoned()).toBe(0);
  });
});

it('that is answered in time leaves its connection to the next', async () => {
  const { client, connections } = await aServer(({ socket, count }) => {
    let answered = 0;
    socket.on('data', () => {
      if (count() < (answered + 1) * size) return;
      answered += 1;
      socket.write(good);
    });
  });

  for (let at = 0; at < 3; at++)
    await client.send(
      { method: 'POST', path: '/', body: Buffer.alloc(size) },
      AbortSignal.timeout(20_000),
    );

  expect(connections).toHaveLength(1);
});
