import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import {
  type Clock,
  type Failure,
  type Health,
  type HostPort,
  type Millis,
  pause,
  seconds,
  untilAborted,
} from '#pump';
import { failureOf, late, nextTurn, type Outcomes, type Transport } from './transport.ts';

export interface UdpParts {
  readonly target: HostPort;
  readonly clock: Clock;
  /**
   * UDP holds nobody back: what does not fit into the receiver's buffer, some hundred datagrams as Linux comes, is lost
   * without a word. So the receiver has a turn after every sixteen, and so much time besides.
   */
  readonly rest: Millis;
}

/** Sent at once. */
const atOnce = 16;

/** A name may come to mean another address, of the other family even. */
const addressAge = seconds(60);

/**
 * A connected socket, opened when it is needed: this way a closed port of a near receiver is told, though not always,
 * and nothing else is. Then the whole batch counts as not sent: the word may be about any of it.
 */
export class UdpTransport implements Transport {
  readonly #parts: UdpParts;
  #open: Opened | undefined;

  constructor(parts: UdpParts) {
    this.#parts = parts;
  }

  async send(messages: readonly Buffer[], signal: AbortSignal): Promise<Outcomes> {
    try {
      return await this.#sendAll(messages, await this.#opened(signal), signal);
    } catch (error) {
      this.#drop();
      const failure = signal.aborted ? late : failureOf(error);
      return messages.map(() => failure);
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

  /** Rejects where nobody can say what arrived. */
  async #sendAll(
    messages: readonly Buffer[],
    opened: Opened,
    signal: AbortSignal,
  ): Promise<Outcomes> {
    const { clock, rest } = this.#parts;
    const outcomes: (Failure | undefined)[] = [];
    for (let from = 0; from < messages.length; from += atOnce) {
      const some = messages.slice(from, from + atOnce);
      if (signal.aborted) {
        outcomes.push(...some.map(() => late));
        continue;
      }
      outcomes.push(...(await Promise.all(some.map((message) => sendOne(opened.socket, message)))));
      await nextTurn();
      if (opened.failure !== undefined) throw opened.failure;
      if (rest > 0) await pause(clock, rest, signal);
    }
    return outcomes;
  }

  async #opened(signal: AbortSignal): Promise<Opened> {
    const { target, clock } = this.#parts;
    const open = this.#open;
    const isFresh = open !== undefined && clock.elapsed() - open.since < addressAge;
    if (isFresh && open.failure === undefined) return open;
    this.#drop();
    // A look-up cannot be called back.
    const { address, family } = await untilAborted(lookup(target.host), signal);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    const opened: Opened = { socket, since: clock.elapsed(), failure: undefined };
    socket.on('error', (error) => {
      opened.failure = error;
    });
    this.#open = opened;
    socket.connect(target.port, address);
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

/** Rejects with what may be about others, too: only its length is a datagram's own matter. */
const sendOne = (socket: Socket, message: Buffer): Promise<Failure | undefined> =>
  new Promise((resolve, reject) => {
    socket.send(message, (error) => {
      if (error === null) resolve(undefined);
      else if ((error as NodeJS.ErrnoException).code === 'EMSGSIZE') resolve(failureOf(error));
      else reject(error);
    });
  });
