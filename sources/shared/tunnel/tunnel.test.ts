import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { FakeClock } from '../../../src/lib/fake-clock.testing.ts';
import { adopt } from '../sockets/shared-reads.ts';
import { type FirstBytes, peekFirstBytes } from './first-bytes.ts';
import { joinSockets } from './join.ts';
import type { Terms, Tunnel } from './tunnel.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

type Kind = 'sockets that share memory' | 'sockets of Node’s';

/** Two ends of one connection; the near one is of the kind that is asked for. */
async function pair(
  kind: Kind = 'sockets that share memory',
): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const accepted = once(server, 'connection');
  const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [taken] = (await accepted) as [Socket];
  const near = kind === 'sockets of Node’s' ? taken : adopt(taken);
  for (const socket of [near, far]) {
    socket.on('error', () => undefined);
    sockets.push(socket);
  }
  return { near, far };
}

/** All that comes until the end. `node:stream/consumers` would destroy a socket that may still send. */
async function buffer(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

async function tunnelled(
  kind: Kind,
  terms: Terms = { idleTimeout: 60_000, clock: systemClock },
  head = '',
): Promise<{ client: Socket; server: Socket; inner: Socket; tunnel: Tunnel }> {
  const [toClient, toServer] = [await pair(kind), await pair(kind)];
  if (head !== '') toClient.near.unshift(Buffer.from(head));
  return {
    client: toClient.far,
    server: toServer.far,
    inner: toServer.near,
    tunnel: joinSockets(toClient.near, toServer.near, terms),
  };
}

describe.each<Kind>(['sockets that share memory', 'sockets of Node’s'])(
  'two %s, joined,',
  (kind) => {
    it('pass every byte both ways, and count them', async () => {
      const { client, server, tunnel } = await tunnelled(kind);
      const question = Buffer.alloc(3_000_000, 'question ');
      const answer = Buffer.alloc(5_000_000, 'an answer');
      client.end(question);
      server.end(answer);
      const [asked, answered] = await Promise.all([buffer(server), buffer(client)]);
      expect(asked.equals(question)).toBe(true);
      expect(answered.equals(answer)).toBe(true);
      expect(await tunnel.ended).toEqual({
        bytesIn: question.length,
        bytesOut: answer.length,
        error: undefined,
      });
    });

    it('let a server answer a client that has said its last word', async () => {
      const { client, server, tunnel } = await tunnelled(kind);
      client.end('that is all');
      expect((await buffer(server)).toString()).toBe('that is all');
      server.write('one ');
      server.end('two');
      expect((await buffer(client)).toString()).toBe('one two');
      expect((await tunnel.ended).error).toBeUndefined();
    });

    it('let a client send on when the server has said its last word', async () => {
      const { client, server } = await tunnelled(kind);
      server.end('enough');
      expect((await buffer(client)).toString()).toBe('enough');
      client.end('still here');
      expect((await buffer(server)).toString()).toBe('still here');
    });

    it('break the other side, instead of ending it, where one breaks', async () => {
      const { client, server, tunnel } = await tunnelled(kind);
      client.write('half of some');
      await once(server, 'data');
      const broken = once(server, 'error');
      client.resetAndDestroy();
      expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' });
      expect((await tunnel.ended).error).toEqual({
        kind: 'reset',
        words: 'the client broke the connection (ECONNRESET)',
      });
    });

    it('are cut when nothing has moved for the time of being idle, and not before', async () => {
      const clock = new FakeClock();
      const { client, server, tunnel } = await tunnelled(kind, { idleTimeout: 1_000, clock });
      for (let round = 0; round < 6; round++) {
        await clock.advance(900);
        client.write('.');
        await once(server, 'data');
      }
      expect(client.destroyed).toBe(false);
      const broken = new Promise((resolve) => client.once('close', resolve));
      client.resume();
      await clock.advance(1_500);
      await broken;
      expect((await tunnel.ended).error).toEqual({
        kind: 'timeout',
        words: 'no byte moved for 1 s',
      });
    });

    it('wait for one that does not read, and hold no more than a bit of what comes', async () => {
      const { client, server, inner } = await tunnelled(kind);
      server.pause();
      const chunk = Buffer.alloc(1024 * 1024);
      let taken = 0;
      for (let round = 0; round < 64; round++) {
        client.write(chunk, () => taken++);
      }
      let before = -1;
      while (taken !== before) {
        before = taken;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(taken).toBeLessThan(40);
      expect(inner.writableLength).toBeLessThan(512 * 1024);
    });

    it('pass on and count what had been read before', async () => {
      const { client, server, tunnel } = await tunnelled(
        kind,
        { idleTimeout: 60_000, clock: systemClock },
        'early ',
      );
      client.end('late');
      server.end();
      expect((await buffer(server)).toString()).toBe('early late');
      client.resume();
      await tunnel.ended;
    });

    it('end where they are cut while one of them says its last word', async () => {
      const { client, inner, tunnel } = await tunnelled(kind);
      const end = inner.end.bind(inner);
      inner.end = () => {
        end();
        // The system has not taken it yet: here a socket of Node's cannot be reset.
        process.nextTick(() => tunnel.cut({ kind: 'aborted', words: 'for the test' }));
        return inner;
      };
      client.end('a');
      expect((await tunnel.ended).error).toEqual({ kind: 'aborted', words: 'for the test' });
    });

    it('end for the reason given where they are cut', async () => {
      const { tunnel } = await tunnelled(kind);
      tunnel.cut({ kind: 'aborted', words: 'the proxy stops' });
      expect((await tunnel.ended).error).toEqual({ kind: 'aborted', words: 'the proxy stops' });
    });

    it('end at once where one of them has closed before', async () => {
      const [toClient, toServer] = [await pair(kind), await pair(kind)];
      toClient.near.destroy();
      await once(toClient.near, 'close');
      const broken = once(toServer.far, 'error');
      const tunnel = joinSockets(toClient.near, toServer.near, {
        ...{ idleTimeout: 60_000, clock: systemClock },
      });
      expect((await tunnel.ended).error?.words).toBe('the client broke the connection');
      expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' });
    });
  },
);

describe('what a client begins with', () => {
  it.each([
    ['GET / HTTP/1.1\r\n', 'http'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http2'],
    ['SSH-2.0-client\r\n', 'other'],
    ['\x16\x03\x01\x00\x05\x0b\x00\x00\x01\x00', 'broken-tls'],
    ['\x00', 'other'],
  ])('%j is %s', async (text, kind) => {
    const { near, far } = await pair();
    far.write(text, 'latin1');
    expect((await peekFirstBytes(near, 60_000)).kind).toBe(kind);
    far.end();
    expect((await buffer(near)).toString('latin1')).toBe(text);
  });

  it('is known however it is cut into packets, and is read again from its first byte', async () => {
    const { near, far } = await pair();
    const wire = await pair();
    const tls = connectTls({ socket: wire.far, servername: 'api.example.com' });
    tls.on('error', () => undefined);
    wire.near.resume();
    const [hello] = (await once(wire.near, 'data')) as [Buffer];
    far.setNoDelay(true);
    const seen = peekFirstBytes(near, 60_000);
    for (const byte of hello.subarray(0, 40)) {
      far.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    far.end(hello.subarray(40));
    expect(await seen).toMatchObject({ kind: 'tls', hello: { serverName: 'api.example.com' } });
    expect((await buffer(near)).equals(hello)).toBe(true);
    tls.destroy();
  });

  it('is another protocol where the client waits for the server to speak', async () => {
    const { near, far } = await pair();
    expect(await peekFirstBytes(near, 20)).toEqual({ kind: 'other' });
    far.end('then it does');
    expect((await buffer(near)).toString()).toBe('then it does');
  });

  it('is nothing where it closes without a word', async () => {
    const { near, far } = await pair();
    far.end();
    expect(await peekFirstBytes(near, 60_000)).toEqual({ kind: 'nothing' });
  });

  it('is seen beside a tunnel, once', async () => {
    const [toClient, toServer] = [await pair(), await pair()];
    const seen: FirstBytes[] = [];
    joinSockets(toClient.near, toServer.near, {
      ...{ idleTimeout: 60_000, clock: systemClock },
      first: (first) => seen.push(first),
    });
    toClient.far.write('GE');
    await once(toServer.far, 'data');
    toClient.far.end('T / HTTP/1.1\r\n\r\n');
    await buffer(toServer.far);
    expect(seen).toEqual([{ kind: 'http' }]);
  });
});
