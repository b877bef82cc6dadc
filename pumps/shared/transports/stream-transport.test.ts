import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { aContext, LocalServer } from '#pump/testing';
import { StreamTransport } from './stream-transport.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const signal = AbortSignal.timeout(30_000);
const { clock } = aContext();
const messages = [Buffer.from('one\n'), Buffer.from('two\n')];

/** A transport to a receiver that does this with each connection. */
async function aTransport(
  receipt: 'close' | 'none',
  handle: (socket: Socket) => void,
): Promise<StreamTransport> {
  const server = new LocalServer(() =>
    createServer((socket) => {
      socket.on('error', () => socket.destroy());
      handle(socket);
    }),
  );
  await server.listen();
  const target = { host: '127.0.0.1', port: server.port };
  const speaksTls = 'it speaks TLS';
  const transport = new StreamTransport({ target, tls: undefined, speaksTls, clock, receipt });
  opened.push(server, { close: () => transport.close(signal) });
  return transport;
}

const talking = (socket: Socket): void => {
  const more = (): void => {
    while (!socket.destroyed && socket.write(Buffer.alloc(16_384)));
  };
  socket.on('drain', more);
  more();
};
/** What a server with TLS says to one who speaks without. */
const alerting = (socket: Socket): void => {
  socket.once('data', () => socket.end(Buffer.from('15030100020246', 'hex')));
};
/** Neither reads nor closes. */
const hanging = (socket: Socket): void => {
  socket.pause();
};

describe.each(['close', 'none'] as const)('where the receipt is %s', (receipt) => {
  it('sends nothing once the signal has aborted', async () => {
    const transport = await aTransport(receipt, hanging);

    const outcomes = await transport.send(messages, AbortSignal.abort());

    expect(outcomes).toMatchObject([{ kind: 'timeout' }, { kind: 'timeout' }]);
  });

  it('keeps a whole batch whose receiver is away', async () => {
    const server = new LocalServer(() => createServer());
    await server.listen();
    const target = { host: '127.0.0.1', port: server.port };
    await server.close();
    const parts = { target, tls: undefined, speaksTls: '', clock, receipt };
    const transport = new StreamTransport(parts);

    expect(await transport.send(messages, signal)).toMatchObject([
      { kind: 'unreachable' },
      { kind: 'unreachable' },
    ]);
    expect(await transport.check(signal)).toMatchObject({ state: 'down' });
  });

  it('does not believe what talks without end', async () => {
    const transport = await aTransport(receipt, talking);

    const [failure] = await transport.send(messages, signal);

    expect(failure?.message).toContain('The receiver talks on and on.');
    expect(await transport.check(signal)).toMatchObject({ state: 'down' });
  });

  it('tells who speaks TLS', async () => {
    const transport = await aTransport(receipt, alerting);

    const [failure] = await transport.send(messages, signal);

    expect(failure?.message).toContain('it speaks TLS');
  });
});

describe('where the receiver closes its side', () => {
  it('has sent a batch once it has', async () => {
    const heard: Buffer[] = [];
    const transport = await aTransport('close', (socket) => {
      socket.on('data', (chunk) => heard.push(chunk));
    });

    const outcomes = await transport.send(messages, signal);

    expect(outcomes).toEqual([undefined, undefined]);
    expect(Buffer.concat(heard).toString()).toBe('one\ntwo\n');
  });

  it('keeps what was not read to its end in time', async () => {
    const transport = await aTransport('close', hanging);

    const outcomes = await transport.send(messages, AbortSignal.timeout(50));

    expect(outcomes).toMatchObject([{ kind: 'timeout' }, { kind: 'timeout' }]);
  });

  it('keeps what a receiver cut off', async () => {
    const transport = await aTransport('close', (socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });

    expect(await transport.send(messages, signal)).toMatchObject([
      { kind: 'unreachable' },
      { kind: 'unreachable' },
    ]);
  });
});

describe('where nothing is said', () => {
  it('believes a new connection only when it has stood for half a second', async () => {
    const transport = await aTransport('none', (socket) => {
      socket.once('data', () => setTimeout(() => socket.destroy(), 100));
    });

    expect(await transport.send(messages, signal)).toMatchObject([
      { kind: 'unreachable' },
      { kind: 'unreachable' },
    ]);
  });

  it('is not up where connections are accepted and dropped, as load balancers do', async () => {
    const transport = await aTransport('none', (socket) => {
      setTimeout(() => socket.destroy(), 100);
    });

    expect(await transport.check(signal)).toEqual({
      state: 'down',
      reason: 'The receiver closed the connection.',
    });
  });

  it('keeps its connection', async () => {
    let connections = 0;
    const transport = await aTransport('none', (socket) => {
      connections += 1;
      socket.resume();
    });

    for (let count = 0; count < 3; count++) await transport.send(messages, signal);
    await transport.check(signal);

    expect(connections).toBe(1);
  });

  it('connects anew where the connection ended meanwhile', async () => {
    const sockets: Socket[] = [];
    const transport = await aTransport('none', (socket) => {
      sockets.push(socket);
      socket.resume();
    });
    await transport.send(messages, signal);
    const [first] = sockets;
    await new Promise((resolve) => first?.once('close', resolve).destroy());

    expect(await transport.send(messages, signal)).toEqual([undefined, undefined]);
    expect(sockets).toHaveLength(2);
  });
});
