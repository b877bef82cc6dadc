import { createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import { createHttpClient } from './http/client.ts';
import { LentWriters } from './lent-writers.ts';
import { LocalServer } from './testing/local-server.ts';

const poison = 0xdd;
const spoil = (buffer: Buffer): void => {
  buffer.fill(poison);
};

it('lends a buffer again, and to one at a time', async () => {
  const writers = new LentWriters();
  const buffers = new Set<Buffer>();
  const borrow = (): Promise<void> =>
    writers.lend((out) => {
      expect(out.length).toBe(0);
      out.ascii('x');
      buffers.add(out.buffer);
      return new Promise(setImmediate);
    });

  for (let round = 0; round < 3; round++) await Promise.all([borrow(), borrow()]);

  expect(buffers.size).toBe(2);
});

it('does not take back what work that failed may still be using', async () => {
  const writers = new LentWriters(spoil);
  let kept: Buffer = Buffer.alloc(0);
  const failing = writers.lend((out) => {
    out.ascii('sent');
    kept = out.view();
    return Promise.reject(new Error('a bug'));
  });

  await expect(failing).rejects.toThrow('a bug');
  await writers.lend((out) => {
    out.ascii('next');
    return Promise.resolve();
  });

  expect(kept.toString()).toBe('sent');
});

/** A request of which the server has heard the beginning. */
interface Begun {
  readonly socket: Socket;
  readonly abort: AbortController;
}

/** What may become of one. */
const ways: readonly ((begun: Begun) => void)[] = [
  ({ socket }) => {
    // It is read slowly.
    socket.pause();
    setImmediate(() => socket.resume());
  },
  ({ socket }) => {
    // It is answered early; the rest is read much later.
    socket.pause();
    socket.write('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n');
  },
  ({ socket }) => {
    socket.destroy();
  },
  ({ socket, abort }) => {
    // It is given up; what has arrived is read much later.
    socket.pause();
    setImmediate(() => abort.abort());
  },
];

/** More than all the buffers between two sockets of one machine take. */
const size = 6 * 1024 * 1024;

/** A server that stumbles, and looks for bytes that are not those of the request that it reads. */
function aServer(abortOf: (letter: number) => AbortController) {
  const [strangers, sockets]: [string[], Socket[]] = [[], []];
  let [begun, bytes] = [0, 0];
  const serve = (socket: Socket): void => {
    let [letter, left] = [0, 0];
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      let at = 0;
      bytes += chunk.length;
      if (left === 0) {
        // Its head comes with the beginning of the body.
        at = chunk.indexOf('\r\n\r\n') + 4;
        letter = Number(/x-letter: (\d+)/.exec(chunk.toString('latin1', 0, at))?.[1]);
        left = size;
        ways[begun++ % ways.length]?.({ socket, abort: abortOf(letter) });
      }
      for (const byte of chunk
        .subarray(at)
        .filter((one) => one !== letter)
        .subarray(0, 3))
        strangers.push(`${byte} in a body of ${letter}`);
      left -= chunk.length - at;
      if (left === 0) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
  };
  /** Everything that is still on its way has come. */
  const hearAll = async (): Promise<void> => {
    let before = -1;
    const isQuiet = (): boolean => {
      const isSame = before === bytes;
      before = bytes;
      return isSame;
    };
    for (const socket of sockets) socket.resume();
    await expect.poll(isQuiet, { interval: 100, timeout: 10_000 }).toBe(true);
  };
  return { local: new LocalServer(() => createServer(serve)), strangers, hearAll };
}

it('never lets a byte of another batch, or of none, reach a server that stumbles', async () => {
  const aborts = Array.from({ length: 25 }, () => new AbortController());
  const { local, strangers, hearAll } = aServer((letter) => aborts[letter] as AbortController);
  await local.listen();
  const url = new URL(`http://127.0.0.1:${local.port}`);
  const client = createHttpClient({ url, clock: new FakeClock(), proxy: undefined });
  const writers = new LentWriters(spoil);
  const outcomes = new Set<unknown>();
  const waiting = aborts.entries();
  waiting.next();
  const lane = async (): Promise<void> => {
    for (const [letter, { signal }] of waiting)
      await writers.lend(async (out) => {
        out.bytes(Buffer.alloc(size, letter));
        const headers = { 'x-letter': String(letter) };
        const request = { method: 'POST', path: '/', body: out.view(), headers } as const;
        const outcome = await client.send(request, signal);
        outcomes.add(outcome.ok ? outcome.answer.status : outcome.failure.kind);
      });
  };

  await Promise.all([lane(), lane(), lane(), lane()]);
  await hearAll();
  client.close();
  await local.close();

  expect(strangers).toEqual([]);
  expect(outcomes).toEqual(new Set([200, 503, 'unreachable', 'timeout']));
});
