import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { Clock } from '../../lib/clock.ts';
import type { HostPort } from '../../lib/host-port.ts';
import { type Millis, seconds } from '../../lib/units.ts';

/** A name may come to mean another address. */
const addressAge = seconds(60);
/** Between two attempts to find an address. */
const openAgain = seconds(5);

interface Opened {
  readonly socket: Socket;
  readonly since: Millis;
}

export interface StatsdSocketParts {
  readonly target: HostPort;
  readonly clock: Clock;
  /** Hears of every failure there is to hear of; UDP tells of few. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Sends packets to a daemon and waits for nothing: what cannot be sent at this moment is dropped. A connected socket, for
 * this way a closed port of a near machine is told, though not always.
 */
export class StatsdSocket {
  readonly #parts: StatsdSocketParts;
  #opened: Opened | undefined;
  #openedLast = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(parts: StatsdSocketParts) {
    this.#parts = parts;
  }

  /** Finds the address, unless that was tried a moment ago. */
  open(): void {
    const now = this.#parts.clock.elapsed();
    const age = now - (this.#opened?.since ?? Number.NEGATIVE_INFINITY);
    if (this.#isClosed || age < addressAge || now - this.#openedLast < openAgain) return;
    this.#openedLast = now;
    void this.#open();
  }

  send(packet: Buffer): void {
    this.open();
    this.#opened?.socket.send(packet, (error) => {
      if (error !== null) this.#parts.onFailure(error);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#opened?.socket.close();
    this.#opened = undefined;
  }

  /** Does not reject. */
  async #open(): Promise<void> {
    const { target, clock, onFailure } = this.#parts;
    let socket: Socket | undefined;
    try {
      const { address, family } = await lookup(target.host || 'localhost');
      socket = createSocket(family === 6 ? 'udp6' : 'udp4');
      // Nothing is received, and no metric keeps a process alive.
      socket.unref();
      socket.connect(target.port, address);
      await once(socket, 'connect');
      socket.on('error', onFailure);
      if (this.#isClosed) return void socket.close();
      this.#opened?.socket.close();
      this.#opened = { socket, since: clock.elapsed() };
    } catch (error) {
      socket?.close();
      onFailure(error);
    }
  }
}
