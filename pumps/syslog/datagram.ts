import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type Clock, type Health, type Millis, seconds } from '#pump';
import { nextTurn, type Transport } from './client.ts';
import type { Target } from './settings.ts';

/** Sent at once; in between the receiver has a turn, for what does not fit in its buffer is lost without a word. */
const atOnce = 16;

/** A name may come to mean another address. */
const addressAge = seconds(60);

/**
 * A connected socket, opened when it is needed: this way a closed port of a near receiver is told, though not always,
 * and nothing else is.
 */
export class DatagramTransport implements Transport {
  readonly #target: Target;
  readonly #clock: Clock;
  #open: Opened | undefined;

  constructor(target: Target, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
  }

  async send(messages: readonly Buffer[], signal: AbortSignal): Promise<void> {
    try {
      const opened = await this.#opened(signal);
      for (let from = 0; from < messages.length; from += atOnce) {
        signal.throwIfAborted();
        const some = messages.slice(from, from + atOnce);
        await Promise.all(some.map((message) => sendOne(opened.socket, message)));
        await nextTurn();
        if (opened.failure !== undefined) throw opened.failure;
      }
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  check(): Promise<Health> {
    return Promise.resolve({
      state: 'unknown',
      reason: 'UDP does not tell whether anyone listens.',
    });
  }

  close(): Promise<void> {
    this.#drop();
    return Promise.resolve();
  }

  async #opened(signal: AbortSignal): Promise<Opened> {
    const open = this.#open;
    const isFresh = open !== undefined && this.#clock.elapsed() - open.since < addressAge;
    if (isFresh && open.failure === undefined) return open;
    this.#drop();
    const { address, family } = await unlessAborted(lookup(this.#target.host), signal);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    const opened: Opened = { socket, since: this.#clock.elapsed(), failure: undefined };
    socket.on('error', (error) => {
      opened.failure = error;
    });
    this.#open = opened;
    socket.connect(this.#target.port, address);
    await once(socket, 'connect', { signal });
    return opened;
  }

  #drop(): void {
    this.#open?.socket.close();
    this.#open = undefined;
  }
}

interface Opened {
  readonly socket: Socket;
  readonly since: Millis;
  /** What the receiver's machine answered to an earlier datagram. */
  failure: Error | undefined;
}

const sendOne = (socket: Socket, message: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.send(message, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });

/** A look-up cannot be called back. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
