import type { Socket } from 'node:net';
import type { Endpoint } from '#source';
import { whenSettled } from '../settled.ts';
import { Malformed } from '../wire/malformed.ts';
import { writeMessage } from '../wire/write-message.ts';
import { AnswerReader, type AnswerSink } from './answer-reader.ts';
import { BadAnswer } from './failure.ts';

/** Who uses a connection, one after the other. */
export interface ConnectionUser extends AnswerSink {
  onDrain(): void;
  /** The connection is of no use any more. Nothing else is heard of it. */
  onBroken(error: Error): void;
}

/** A connection of HTTP/1.1 to an upstream. One request at a time: the next one is sent when its answer is over. */
export class Http1Connection {
  readonly socket: Socket;
  readonly server: Endpoint;
  /** Milliseconds that the other side says it keeps it without a request; undefined: it has not said so. */
  keptFor: number | undefined;
  readonly #reader: AnswerReader;
  #user: ConnectionUser | undefined;

  /** `socketPath`: of an upstream without an address. */
  constructor(socket: Socket, headBytes: number, socketPath: string | undefined) {
    this.socket = socket;
    this.server =
      socketPath === undefined
        ? { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
        : { address: socketPath, port: 0 };
    this.#reader = new AnswerReader(headBytes);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('error', this.#onBroken);
    socket.on('close', this.#onClose);
  }

  /** It is whole, and has sent all that it was given. */
  get isUsable(): boolean {
    const { writable, readableEnded, writableLength } = this.socket;
    return writable && !readableEnded && writableLength === 0;
  }

  use(user: ConnectionUser): void {
    this.#user = user;
    this.#reader.expect(user);
  }

  /** Its user has all of its answer. */
  release(): void {
    this.#user = undefined;
    // Whoever was last may have been too slow for the last bytes.
    if (this.socket.isPaused()) this.socket.resume();
  }

  /** False: the user's `onDrain` comes when more is welcome. */
  write(lead: string, chunk: Uint8Array | undefined, tail: string): boolean {
    return writeMessage(this.socket, lead, chunk, tail);
  }

  /** What comes stays with the kernel, and so with the upstream. */
  pause(): void {
    const { socket } = this;
    socket.pause();
    whenSettled(() => {
      if (socket.isPaused()) socket.pause();
    });
  }

  /** For another protocol: the socket is as if nobody had read of it, but for what was read. */
  detach(): Socket {
    const { socket } = this;
    this.#user = undefined;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('drain', this.#onDrain);
    socket.off('error', this.#onBroken).off('close', this.#onClose);
    // Or whoever takes it would lose what comes before it listens; Node's client does the same.
    (socket as { readableFlowing: boolean | null }).readableFlowing = null;
    return socket;
  }

  /** Its answer is over, and it is not asked again. What it was given goes out, for the upstream may want all of a request that it has answered. */
  retire(): void {
    this.#user = undefined;
    this.#reader.forget();
    const { socket } = this;
    if (socket.writableLength === 0) socket.destroy();
    else socket.destroySoon();
  }

  /** Nobody wants the rest of an answer. */
  destroy(): void {
    this.#user = undefined;
    this.#reader.forget();
    this.socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#user === undefined) {
      // Unasked: it would be taken for the answer to the next request.
      this.destroy();
      return;
    }
    try {
      this.#reader.read(chunk);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#onBroken(new BadAnswer(error, chunk));
    }
  };

  readonly #onEnd = (): void => {
    if (!this.#reader.end()) this.#onBroken(hungUp());
  };

  readonly #onDrain = (): void => this.#user?.onDrain();

  readonly #onBroken = (error: Error): void => {
    const user = this.#user;
    this.destroy();
    user?.onBroken(error);
  };

  readonly #onClose = (): void => this.#onBroken(hungUp());
}

const hungUp = (): Error =>
  Object.assign(new Error('the upstream closed the connection'), { code: 'ECONNRESET' });
