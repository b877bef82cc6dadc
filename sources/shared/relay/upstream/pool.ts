/*
 * Connections of HTTP/1.1 to one upstream. Node's client takes a socket from whatever has `addRequest` and gives it back by
 * the socket's event `free`, as its own Agent does; this one looks nothing up by name, because an upstream is one place.
 *
 * A free connection is used again, the last one that became free first, so that the others grow old and are closed. One
 * that says something without having been asked is closed: it would be taken for the answer to the next request.
 */
import type { Agent, ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Millis } from '#source';

/** So much sooner a connection is given up than the other side says, for what is on the way. */
const onTheWay = 1000;

interface Terms {
  readonly clock: Clock;
  readonly connect: () => Promise<Socket>;
  readonly maxConnections: number;
  readonly idle: Millis;
  /** Called with +1 and -1. */
  readonly count: (change: number) => void;
  /** A request has to wait for a connection. */
  readonly onWait: () => void;
}

/** What Node's client reads of an agent. */
interface AgentLike {
  readonly keepAlive: boolean;
  readonly maxSockets: number;
  readonly protocol: string;
  readonly defaultPort: number;
  readonly options: object;
  addRequest(request: ClientRequest): void;
}

/** As Node's client marks them; not in the types. */
type PooledSocket = Socket & { _httpMessage?: unknown };
type Waiting = ClientRequest & { onSocket(socket: Socket | null, error?: Error): void };

interface Idle {
  readonly socket: PooledSocket;
  /** By the clock's monotonic time: from then on it may be closed at the other side, which asking would find out too late. */
  readonly until: number;
  readonly drop: () => void;
}

export class Pool implements AgentLike {
  readonly keepAlive = true;
  readonly maxSockets: number;
  readonly protocol = 'http:';
  readonly defaultPort = 80;
  readonly options = {};
  readonly #terms: Terms;
  readonly #idle: Idle[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #sockets = new Set<Socket>();
  /** How long the other side says that it keeps them. */
  readonly #keptFor = new WeakMap<Socket, number>();
  #opening = 0;
  #isClosed = false;
  #wantsFresh = false;
  #callOffSweep: (() => void) | undefined;

  constructor(terms: Terms) {
    this.#terms = terms;
    this.maxSockets = terms.maxConnections;
  }

  /** The agent to give to `http.request`. `isFresh`: for a request whose connection turned out to be closed. */
  agent(isFresh: boolean): Agent {
    this.#wantsFresh = isFresh;
    // Node asks for no more than AgentLike; the types ask for its own class.
    return this as unknown as Agent;
  }

  addRequest(request: ClientRequest): void {
    const waiting = request as Waiting;
    const isFresh = this.#wantsFresh;
    this.#wantsFresh = false;
    const socket = isFresh ? undefined : this.#takeIdle();
    if (socket !== undefined) {
      request.reusedSocket = true;
      waiting.onSocket(socket);
    } else if (this.#sockets.size + this.#opening < this.maxSockets) this.#open(waiting);
    else {
      this.#waiting.push(waiting);
      this.#terms.onWait();
    }
  }

  /** A connection that somebody else has opened. */
  offer(socket: Socket): void {
    this.#adopt(socket);
    this.#onFree(socket);
  }

  /** The other side says how long it keeps a connection that is idle (milliseconds). */
  keepFor(socket: Socket, time: number): void {
    this.#keptFor.set(socket, time - onTheWay);
  }

  /** Closes what is idle; what is under way ends by itself, and its connection with it. */
  close(): void {
    this.#isClosed = true;
    for (const { socket } of this.#idle.splice(0)) socket.destroy();
    this.#callOffSweep?.();
  }

  #takeIdle(): Socket | undefined {
    const now = this.#terms.clock.elapsed();
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      idle.socket.removeListener('data', idle.drop);
      if (now < idle.until && idle.socket.writable && !idle.socket.readableEnded)
        return idle.socket;
      idle.socket.destroy();
    }
    return undefined;
  }

  #open(request: Waiting): void {
    this.#opening += 1;
    this.#terms.connect().then(
      (socket) => {
        this.#opening -= 1;
        this.#adopt(socket);
        request.onSocket(socket);
      },
      (error: unknown) => {
        this.#opening -= 1;
        request.onSocket(null, error instanceof Error ? error : new Error(String(error)));
        this.#serveWaiting();
      },
    );
  }

  #adopt(socket: PooledSocket): void {
    this.#sockets.add(socket);
    this.#terms.count(1);
    socket.on('free', () => this.#onFree(socket));
    socket.once('close', () => this.#forget(socket));
    // An upgraded connection is no request's any more.
    socket.once('agentRemove', () => this.#forget(socket));
  }

  #forget(socket: PooledSocket): void {
    if (!this.#sockets.delete(socket)) return;
    this.#terms.count(-1);
    const at = this.#idle.findIndex((idle) => idle.socket === socket);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#serveWaiting();
  }

  #onFree(socket: PooledSocket): void {
    socket._httpMessage = null;
    if (this.#isClosed || !socket.writable || socket.readableEnded) {
      socket.destroy();
      return;
    }
    const next = this.#nextWaiting();
    if (next !== undefined) {
      next.reusedSocket = true;
      next.onSocket(socket);
      return;
    }
    const drop = (): void => {
      socket.destroy();
    };
    socket.once('data', drop);
    const keptFor = Math.min(this.#terms.idle, this.#keptFor.get(socket) ?? Number.MAX_VALUE);
    this.#idle.push({ socket, until: this.#terms.clock.elapsed() + keptFor, drop });
    this.#callOffSweep ??= this.#terms.clock.after(this.#terms.idle, () => this.#sweep());
  }

  #serveWaiting(): void {
    if (this.#sockets.size + this.#opening >= this.maxSockets) return;
    const next = this.#nextWaiting();
    if (next !== undefined) this.#open(next);
  }

  #nextWaiting(): Waiting | undefined {
    for (;;) {
      const next = this.#waiting.shift();
      if (next === undefined || !next.destroyed) return next;
      // Its call is over; Node's client wants to hear that it gets no socket.
      next.onSocket(null, new Error('aborted'));
    }
  }

  #sweep(): void {
    const { clock, idle } = this.#terms;
    const now = clock.elapsed();
    for (const { socket, until } of [...this.#idle]) if (until <= now) socket.destroy();
    const next = Math.min(...this.#idle.map(({ until }) => (until <= now ? Infinity : until)));
    // One that becomes free meanwhile may have to go sooner; it is not used then, only closed a little late.
    this.#callOffSweep =
      next === Infinity
        ? undefined
        : clock.after(Math.min(idle, next - now) as Millis, () => this.#sweep());
  }
}
