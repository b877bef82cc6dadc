import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, TLSSocket } from 'node:tls';
import type { Clock } from '../../lib/clock.ts';
import { bareHost } from '../../lib/host-port.ts';
import { seconds } from '../../lib/units.ts';
import { later } from '../../lib/waiting.ts';

/** Load balancers cut idle connections after a minute, and a request sent at that moment would fail. */
const idleTimeout = seconds(20);
/** Longest a connection may take to be made; a deadline may be shorter. */
const connectTimeout = seconds(10);

/** The connections of one client, from the moment they are begun: Node's agents know them only once they are made. */
export class Connections {
  readonly #clock: Clock;
  readonly #open = new Set<Socket>();
  #isCut = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An agent of Node's, which keeps what it has made; `tls` is for addresses of https. */
  agentFor({ protocol }: Pick<URL, 'protocol'>, tls: ConnectionOptions): Agent {
    const agent = protocol === 'https:' ? tlsAgent(tls) : new Agent(keeping);
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (options) => this.add(connect(options) as Socket);
    return agent;
  }

  /** Takes a connection that is being made. */
  add<T extends Socket>(socket: T): T {
    const isMade = this.inTime((late) => socket.destroy(late));
    this.#open.add(socket);
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', isMade);
    socket.once('close', () => {
      isMade();
      this.#open.delete(socket);
    });
    if (this.#isCut) socket.destroy();
    return socket;
  }

  /** Gives a connection its time to be made; to be called when it is. */
  inTime(giveUp: (late: Error) => void): () => void {
    const made = new AbortController();
    later(this.#clock, connectTimeout, () => giveUp(tooSlow()), made.signal);
    return () => made.abort();
  }

  /** Ends all of them now, and those that are still to come. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#open) socket.destroy();
  }
}

const keeping = { keepAlive: true, timeout: idleTimeout } as const;

/** An agent of https alone. */
export function tlsAgent({ servername, ...tls }: ConnectionOptions): Agent {
  // An address is no name to ask for; Node would say so on standard error.
  const isName = servername !== undefined && isIP(servername) === 0;
  return new TlsAgent({ ...tls, ...(isName ? { servername } : {}), ...keeping });
}

/**
 * As in Go, authorities and client certificate hold for a proxy with TLS too. The server's name is not the proxy's, which
 * is to be named here, for Node would take that of the `Host` header.
 */
export function tlsToProxy(tls: ConnectionOptions, { hostname }: URL): ConnectionOptions {
  const host = bareHost(hostname);
  return { ...tls, servername: isIP(host) === 0 ? host : '' };
}

const tooSlow = (): Error =>
  Object.assign(new Error(`no connection within ${connectTimeout / 1000} s`), {
    code: 'ETIMEDOUT',
  });
