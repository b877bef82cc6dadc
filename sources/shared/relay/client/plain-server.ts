import type { Connection } from '../connection.ts';
import type { RelayParts } from '../parts.ts';
import { PlainConnection } from './plain-connection.ts';

/** Serves what is plain of HTTP/1.1, which is nearly all of it, at a fraction of what Node's server costs. */
export class PlainServer {
  readonly #parts: RelayParts;
  readonly #keepAlive: string;
  readonly #handOver: (connection: Connection) => void;
  readonly #connections = new Set<PlainConnection>();

  /** `handOver`: takes connections on which something is not plain. */
  constructor(parts: RelayParts, handOver: (connection: Connection) => void) {
    this.#parts = parts;
    this.#handOver = handOver;
    const seconds = Math.floor(parts.limits.clientIdle / 1000);
    this.#keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
  }

  serve(connection: Connection): void {
    const forget = (): void => {
      this.#connections.delete(plain);
      connection.socket.off('close', forget);
    };
    const plain = new PlainConnection(connection, {
      parts: this.#parts,
      keepAlive: this.#keepAlive,
      handOver: (handed) => {
        forget();
        this.#handOver(handed);
      },
    });
    this.#connections.add(plain);
    connection.socket.once('close', forget);
  }

  /** Looks which ones have asked for nothing for too long. */
  sweep(): void {
    const now = this.#parts.context.clock.elapsed();
    for (const plain of this.#connections)
      if ((plain.idleFor(now) ?? 0) > this.#parts.limits.clientIdle) plain.close();
  }

  closeIdle(): void {
    for (const plain of this.#connections) if (plain.idleFor(0) !== undefined) plain.close();
  }
}
