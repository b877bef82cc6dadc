import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export const ways = ['GET', 'POST', 'PUT'] as const;
export type Way = (typeof ways)[number];

/** Calls that all stream at the same time, and what has come back of them. */
export interface Streams {
  /** Bytes that moved, both ways. */
  moved(): number;
  /** Reads what is answered, from now on. */
  go(): void;
  /** Resolves to how many had a whole answer. */
  readonly finished: Promise<number>;
}

const shared = Buffer.alloc(64 * 1024);
const chunk = Buffer.alloc(64 * 1024);

/** Connects that many times; a body is sent as fast as it is taken, and nothing of an answer is read before `go`. */
export async function beginStreams(
  port: number,
  { way, count, size }: { readonly way: Way; readonly count: number; readonly size: number },
): Promise<Streams> {
  const streams: Stream[] = [];
  for (let at = 0; at < count; at++) {
    const stream = new Stream(port, way, size);
    streams.push(stream);
    // A few at a time: it is not the connecting that is looked at.
    if (at % 50 === 49) await once(stream.socket, 'connect');
  }
  return {
    moved: () => streams.reduce((sum, { socket, read }) => sum + read + socket.bytesWritten, 0),
    go() {
      for (const { socket } of streams) socket.resume();
    },
    finished: Promise.all(streams.map(({ ended }) => ended)).then(
      (all) => all.filter(Boolean).length,
    ),
  };
}

class Stream {
  readonly socket: Socket;
  read = 0;
  readonly ended: Promise<boolean>;

  constructor(port: number, way: Way, size: number) {
    let said = '';
    this.socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer: shared,
        callback: (length) => {
          if (said.length < 12) said += shared.toString('latin1', 0, Math.min(length, 12));
          this.read += length;
          return true;
        },
      },
    });
    this.socket.on('error', () => undefined);
    const least = way === 'POST' ? 0 : size;
    this.ended = new Promise((resolve) => {
      this.socket.once('close', () =>
        resolve(said.startsWith('HTTP/1.1 200') && this.read > least),
      );
    });
    const length = way === 'GET' ? '' : `Content-Length: ${size}\r\n`;
    this.socket.write(`${way} /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${length}\r\n`);
    this.socket.once('connect', () => this.socket.pause());
    if (way !== 'GET') this.#send(size);
  }

  #send(size: number): void {
    let left = size;
    const more = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!this.socket.write(chunk)) return;
      }
    };
    this.socket.on('drain', more);
    more();
  }
}
