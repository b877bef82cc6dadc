import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { FakeClock } from '../../../src/lib/fake-clock.testing.ts';
import { type FirstBytes, peekFirstBytes } from './first-bytes.ts';
import { joinSockets } from './join.ts';
import { closeAll, type Kind, kinds, pair, readAll } from './tunnel.testing.ts';
import type { Terms, Tunnel } from './tunnel.ts';

afterEach(closeAll);

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
      const [asked, answered] = await Promise.all([readAll(server), readAll(client)]);
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
      expect((await readAll(server)).toString()).toBe('that is all');
      server.write('one ');
      server.end('two');
      expect((await readAll(client)).toString()).toBe('one two');
      expect((await tunnel.ended).error).toBeUndefined();
    });

    it('let a client send on when the server has said its last word', async () => {
      const { client, server } = await tunnelled(kind);
      server.end('enough');
      expect((await readAll(client)).toString()).toBe('enough');
      client.end('still here');
      expect((await readAll(server)).toString()).toBe('still here');
    });

    it.each(['client', 'server'] as const)(
      'break the other side where the %s breaks',
      async (who) => {
        const { client, server, tunnel } = await tunnelled(kind);
        const [broken, other] = who === 'client' ? [client, server] : [server, client];
        broken.write('half of some');
        await once(other, 'data');
        const error = once(other, 'error');
        broken.resetAndDestroy();
        expect((await error)[0]).toMatchObject({ code: 'ECONNRESET' });
        expect(await tunnel.ended).toEqual({
          ...(who === 'client' ? { bytesIn: 12, bytesOut: 0 } : { bytesIn: 0, bytesOut: 12 }),
          error: { kind: 'reset', words: `the ${who} broke the connection (ECONNRESET)` },
        });
      },
    );

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
      expect(inner.writableLength).toBeLessThanOrEqual(kind === kinds[0] ? 64 * 1024 : 512 * 1024);
    });

    it('pass on and count what had been read before', async () => {
      const { client, server, tunnel } = await tunnelled(
        kind,
        { idleTimeout: 60_000, clock: systemClock },
        'early ',
      );
      client.end('late');
      server.end();
      expect((await readAll(server)).toString()).toBe('early late');
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
    expect((await readAll(near)).toString('latin1')).toBe(text);
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
    expect((await readAll(near)).equals(hello)).toBe(true);
    tls.destroy();
  });

  it('is another protocol where the client waits for the server to speak', async () => {
    const { near, far } = await pair();
    expect(await peekFirstBytes(near, 20)).toEqual({ kind: 'other' });
    far.end('then it does');
    expect((await readAll(near)).toString()).toBe('then it does');
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
    await readAll(toServer.far);
    expect(seen).toEqual([{ kind: 'http' }]);
  });
});
