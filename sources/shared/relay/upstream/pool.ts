/*
 * Connections of HTTP/1.1 to one upstream. A free connection is used again, the last one that became free first, so that the
 * others grow old and are closed. One that says something without having been asked is closed (http1-connection.ts).
 */
import type { Socket } from 'node:net';
import type { Clock, Millis } from '#source';
import { Http1Connection } from './http1-connection.ts';

/** So much sooner a connection is given up than the other side says, for what is on the way. */
const onTheWay = 1000;

interface Terms {
  readonly clock: Clock;
  readonly connect: () => Promise<Socket>;
  readonly maxConnections: number;
  readonly idle: Millis;
  /** Bytes of an answer's head. */
  readonly headBytes: number;
  /** Of an upstream without an address. */
  readonly socketPath: string | undefined;
  /** Called with +1 and -1. */
  readonly count: (change: number) => void;
  /** A request has to wait for a connection. */
  readonly onWait: () => void;
}

/** Who wants a connection. */
export interface PoolUser {
  /** It does not want one any more. */
  readonly isOver: boolean;
  onConnection(connection: Http1Connection, isReused: boolean): void;
  onNoConnection(error: Error): void;
}

interface Idle {
  readonly connection: Http1Connection;
  /** By the clock's monotonic time: from then on it may be closed at the other side, which asking would find out too late. */
  readonly until: number;
}

export class Pool {
  readonly #terms: Terms;
  readonly #idle: Idle[] = [];
  readonly #waiting: PoolUser[] = [];
  readonly #connections = new Set<Http1Connection>();
  #opening = 0;
  #isClosed = false;
  #callOffSweep: (() => void) | undefined;

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  /** `isFresh`: not one that others have used, because such a one turned out to be closed. */
  acquire(user: PoolUser, isFresh: boolean): void {
    const connection = isFresh ? undefined : this.#takeIdle();
    if (connection !== undefined) user.onConnection(connection, true);
    else if (this.#connections.size + this.#opening < this.#terms.maxConnections) this.#open(user);
    else {
      this.#waiting.push(user);
      this.#terms.onWait();
    }
  }

  /** A connection that somebody else has opened. */
  offer(socket: Socket): void {
    this.release(this.#adopt(socket));
  }

  /** Its answer is over, and it may be asked again. */
  release(connection: Http1Connection): void {
    connection.release();
    if (this.#isClosed || !connection.isUsable) {
      connection.retire();
      return;
    }
    const next = this.#nextWaiting();
    if (next !== undefined) {
      next.onConnection(connection, true);
      return;
    }
    const { clock, idle } = this.#terms;
    const keptFor = Math.min(idle, (connection.keptFor ?? Number.MAX_VALUE) - onTheWay);
    this.#idle.push({ connection, until: clock.elapsed() + keptFor });
    this.#callOffSweep ??= clock.after(idle, () => this.#sweep());
  }

  /** It is closed, or speaks another protocol now. */
  forget(connection: Http1Connection): void {
    if (!this.#connections.delete(connection)) return;
    this.#terms.count(-1);
    const at = this.#idle.findIndex((idle) => idle.connection === connection);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#serveWaiting();
  }

  /** Closes what is idle; what is under way ends by itself, and its connection with it. */
  close(): void {
    this.#isClosed = true;
    for (const { connection } of this.#idle.splice(0)) connection.destroy();
    this.#callOffSweep?.();
  }

  #takeIdle(): Http1Connection | undefined {
    if (this.#idle.length === 0) return undefined;
    const now = this.#terms.clock.elapsed();
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (now < idle.until && idle.connection.isUsable) return idle.connection;
      idle.connection.destroy();
    }
    return undefined;
  }

  #open(user: PoolUser): void {
    this.#opening += 1;
    this.#terms.connect().then(
      (socket) => {
        this.#opening -= 1;
        const connection = this.#adopt(socket);
        // Its call is over meanwhile; the next one can have it.
        if (user.isOver) this.release(connection);
        else user.onConnection(connection, false);
      },
      (error: unknown) => {
        this.#opening -= 1;
        user.onNoConnection(error instanceof Error ? error : new Error(String(error)));
        this.#serveWaiting();
      },
    );
  }

  #adopt(socket: Socket): Http1Connection {
    const { headBytes, socketPath, count } = this.#terms;
    const connection = new Http1Connection(socket, headBytes, socketPath);
    this.#connections.add(connection);
    count(1);
    socket.once('close', () => this.forget(connection));
    return connection;
  }

  #serveWaiting(): void {
    if (this.#connections.size + this.#opening >= this.#terms.maxConnections) return;
    const next = this.#nextWaiting();
    if (next !== undefined) this.#open(next);
  }

  #nextWaiting(): PoolUser | undefined {
    for (;;) {
      const next = this.#waiting.shift();
      if (next === undefined || !next.isOver) return next;
    }
  }

  #sweep(): void {
    const { clock, idle } = this.#terms;
    const now = clock.elapsed();
    for (const { connection, until } of [...this.#idle]) if (until <= now) connection.destroy();
    const next = Math.min(...this.#idle.map(({ until }) => (until <= now ? Infinity : until)));
    // One that becomes free meanwhile may have to go sooner; it is not used then, only closed a little late.
    this.#callOffSweep =
      next === Infinity
        ? undefined
        : clock.after(Math.min(idle, next - now) as Millis, () => this.#sweep());
  }
}
