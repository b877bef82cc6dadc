import { once } from 'node:events';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type Clock, explainOutage, type Health, isTlsAlert, millis } from '#pump';
import { brokenConnection, nextTurn, type Transport } from './client.ts';
import type { Target } from './settings.ts';

export interface StreamParts {
  readonly target: Target;
  /** Undefined: plain TCP. */
  readonly tls: ConnectionOptions | undefined;
  readonly clock: Clock;
}

/** Idle connections ask now and then whether the receiver is still there. */
const keepAliveDelay = 30_000;

const wantsTls = 'The receiver speaks TLS: set transport to tls.';

/** Bytes; of one connection. */
const mostHeard = 64 * 1024;

/**
 * How long a new connection must stand after its first batch. A receiver that does not like our certificate says so
 * after the handshake (TLS 1.3), and a load balancer accepts before it looks for a receiver: what is written until then
 * is lost.
 */
const probation = millis(500);

/**
 * One connection, opened when it is needed and kept. A message that is cut in the middle would spoil the next one, so
 * whatever goes wrong ends the connection.
 */
export class StreamTransport implements Transport {
  readonly #target: Target;
  readonly #tls: ConnectionOptions | undefined;
  readonly #clock: Clock;
  #socket: Socket | undefined;
  /** The connection that has stood its probation. */
  #proven: Socket | undefined;

  constructor({ target, tls, clock }: StreamParts) {
    this.#target = target;
    this.#tls = tls;
    this.#clock = clock;
  }

  async send(messages: readonly Buffer[], signal: AbortSignal): Promise<void> {
    const socket = await this.#connection(signal);
    try {
      await write(socket, Buffer.concat(messages), signal);
      // The protocol has no receipts. A receiver that is gone may at least have said so by now.
      await (socket === this.#proven ? nextTurn() : this.#prove(socket, signal));
      if (!isOpen(socket)) throw brokenConnection(socket.errored ?? undefined);
      this.#proven = socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  async check(signal: AbortSignal): Promise<Health> {
    await nextTurn();
    if (this.#socket !== undefined && isOpen(this.#socket)) return { state: 'up' };
    try {
      const socket = await this.#connect(signal);
      if (this.#socket !== undefined && isOpen(this.#socket)) socket.destroy();
      else {
        this.#socket = socket;
        await this.#prove(socket, signal);
        if (!isOpen(socket)) throw brokenConnection();
      }
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

  async #prove(socket: Socket, signal: AbortSignal): Promise<void> {
    const closed = new AbortController();
    const close = (): void => closed.abort();
    socket.once('close', close);
    try {
      await this.#clock.sleep(probation, AbortSignal.any([signal, closed.signal]));
    } catch {
      signal.throwIfAborted();
    } finally {
      socket.off('close', close);
    }
  }

  async #connection(signal: AbortSignal): Promise<Socket> {
    // A connection that ended meanwhile shows it now.
    await nextTurn();
    signal.throwIfAborted();
    if (this.#socket !== undefined && isOpen(this.#socket)) return this.#socket;
    this.#socket = await this.#connect(signal);
    return this.#socket;
  }

  async #connect(signal: AbortSignal): Promise<Socket> {
    signal.throwIfAborted();
    const { host, port } = this.#target;
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket =
      this.#tls === undefined
        ? connectPlain({ host, port })
        : connectTls({ host, port, ...name, ...this.#tls });
    try {
      await once(socket, this.#tls === undefined ? 'connect' : 'secureConnect', { signal });
    } catch (error) {
      socket.on('error', ignore);
      socket.destroy();
      throw error;
    }
    // Told to whoever writes; between writes the closed connection says enough.
    socket.on('error', ignore);
    socket.setKeepAlive(true, keepAliveDelay);
    socket.setNoDelay(true);
    // Receivers say nothing; only by reading is their end noticed. What talks on and on is none.
    let heard = 0;
    socket.on('data', (chunk: Buffer) => {
      if (heard === 0 && isTlsAlert(chunk)) socket.destroy(new Error(wantsTls));
      heard += chunk.length;
      if (heard > mostHeard) socket.destroy(new Error('The receiver talks on and on.'));
    });
    return socket;
  }
}

const ignore = (): void => undefined;

const isOpen = (socket: Socket): boolean => socket.writable && !socket.readableEnded;

function write(socket: Socket, bytes: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    const broken = (): void => reject(brokenConnection(socket.errored ?? undefined));
    socket.once('close', broken);
    socket.write(bytes, (error) => {
      signal.removeEventListener('abort', stop);
      socket.off('close', broken);
      if (error === undefined || error === null) resolve();
      else reject(brokenConnection(error));
    });
  });
}
