import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  type Clock,
  explainOutage,
  type Health,
  millis,
  onAbort,
  pause,
  untilAborted,
} from '#pump';
import { brokenConnection, type ConnectionParts, connectTo, isOpen } from './connection.ts';
import { failureOf, late, nextTurn, type Outcomes, type Transport } from './transport.ts';

export interface StreamParts extends ConnectionParts {
  readonly clock: Clock;
  /**
   * What shows that a receiver has a batch; neither of the protocols has answers. `close`: it closes its side once it has
   * read to the end of ours, as StatsD daemons do, so each batch has a connection of its own. `none`: nothing does, so one
   * connection is kept, and that it still stands afterwards must do.
   */
  readonly receipt: 'close' | 'none';
}

/**
 * How long a new connection must stand after its first batch. A receiver that does not like our certificate says so
 * after the handshake (TLS 1.3), and a load balancer accepts before it looks for a receiver: what is written until then
 * is lost.
 */
const probation = millis(500);

/**
 * TCP, with TLS or without. Connections are opened when they are needed. A message that is cut in the middle would spoil
 * the next one, so whatever goes wrong ends the connection, and nobody can say what arrived of its batch.
 */
export class StreamTransport implements Transport {
  readonly #parts: StreamParts;
  /** The one that is kept. */
  #socket: Socket | undefined;
  /** The connection that has stood its probation. */
  #proven: Socket | undefined;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  async send(messages: readonly Buffer[], signal: AbortSignal): Promise<Outcomes> {
    try {
      const bytes = Buffer.concat(messages);
      await (this.#parts.receipt === 'close'
        ? this.#sendToTheEnd(bytes, signal)
        : this.#append(bytes, signal));
      return messages.map(() => undefined);
    } catch (error) {
      const failure = signal.aborted ? late : failureOf(error);
      return messages.map(() => failure);
    }
  }

  async check(signal: AbortSignal): Promise<Health> {
    try {
      await (this.#parts.receipt === 'close'
        ? this.#sendToTheEnd(Buffer.alloc(0), signal)
        : this.#stand(signal));
      return { state: 'up' };
    } catch (error) {
      return { state: 'down', reason: explainOutage(error) };
    }
  }

  async close(signal: AbortSignal): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.destroyed) return;
    socket.end();
    try {
      await once(socket, 'close', { signal });
    } catch {
      // Cut off, or too late: it is gone either way.
      socket.destroy();
    }
  }

  async #sendToTheEnd(bytes: Buffer, signal: AbortSignal): Promise<void> {
    const socket = await connectTo(this.#parts, signal);
    try {
      const closed = once(socket, 'close', { signal });
      socket.end(bytes);
      await closed;
    } finally {
      socket.destroy();
    }
  }

  async #append(bytes: Buffer, signal: AbortSignal): Promise<void> {
    const socket = await this.#connection(signal);
    try {
      await write(socket, bytes, signal);
      // A receiver that is gone may at least have said so by now.
      await (socket === this.#proven ? nextTurn() : this.#prove(socket, signal));
      if (!isOpen(socket)) throw brokenConnection(socket.errored ?? undefined);
      this.#proven = socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  /** Resolves where a connection is kept, or a new one stands. */
  async #stand(signal: AbortSignal): Promise<void> {
    await nextTurn();
    if (this.#socket !== undefined && isOpen(this.#socket)) return;
    const socket = await connectTo(this.#parts, signal);
    if (this.#socket !== undefined && isOpen(this.#socket)) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    await this.#prove(socket, signal);
    if (!isOpen(socket)) throw brokenConnection();
  }

  async #prove(socket: Socket, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort();
    const forget = onAbort(signal, end);
    socket.once('close', end);
    await pause(this.#parts.clock, probation, over.signal);
    socket.off('close', end);
    forget();
    signal.throwIfAborted();
  }

  async #connection(signal: AbortSignal): Promise<Socket> {
    // A connection that ended meanwhile shows it now.
    await nextTurn();
    signal.throwIfAborted();
    if (this.#socket !== undefined && isOpen(this.#socket)) return this.#socket;
    this.#socket = await connectTo(this.#parts, signal);
    return this.#socket;
  }
}

function write(socket: Socket, bytes: Buffer, signal: AbortSignal): Promise<void> {
  const written = new Promise<void>((resolve, reject) => {
    const broken = (): void => reject(brokenConnection(socket.errored ?? undefined));
    socket.once('close', broken);
    socket.write(bytes, (error) => {
      socket.off('close', broken);
      if (error === undefined || error === null) resolve();
      else reject(brokenConnection(error));
    });
  });
  return untilAborted(written, signal);
}
