import type { Endpoint, TlsFacts } from '#source';

/** What is known of a client's connection that the relay is given. `RequestHead.connection` is this object. */
export interface ConnectionFacts {
  /** Left out: the socket's peer. */
  readonly client?: Endpoint | undefined;
  /** Left out: those of the socket, where it is a TLS socket. */
  readonly tls?: TlsFacts | undefined;
  /** Whom the client believes to speak to, where a CONNECT has said so. */
  readonly authority?: { readonly host: string; readonly port: number } | undefined;
}
