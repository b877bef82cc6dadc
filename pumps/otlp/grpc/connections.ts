import type { ClientHttp2Session } from 'node:http2';

export interface Connection {
  readonly session: ClientHttp2Session;
  /** Why it ended. */
  error: Error | undefined;
}

/**
 * One connection, made when it is wanted. One that has ended, or on which a request went unanswered to its deadline, gets no
 * further request: what is under way on it ends there.
 */
export class Connections {
  readonly #connect: () => ClientHttp2Session;
  readonly #open = new Set<ClientHttp2Session>();
  #current: Connection | undefined;

  constructor(connect: () => ClientHttp2Session) {
    this.#connect = connect;
  }

  get(): Connection {
    const current = this.#current;
    if (current !== undefined && !current.session.closed && !current.session.destroyed)
      return current;
    const session = this.#connect();
    const connection: Connection = { session, error: undefined };
    session.on('error', (error: Error) => {
      connection.error = error;
    });
    this.#open.add(session);
    session.on('close', () => this.#open.delete(session));
    this.#current = connection;
    return connection;
  }

  /** Takes no further request. One that is not there yet never was. */
  leave({ session }: Connection): void {
    if (this.#current?.session === session) this.#current = undefined;
    if (session.connecting) session.destroy();
    else session.close();
  }

  close(): void {
    for (const session of this.#open) session.destroy();
  }
}
