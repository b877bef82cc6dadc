import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Endpoint, TlsFacts } from '#source';
import type { ConnectionFacts } from './connection-facts.ts';
import { Places } from './places.ts';

/** What the relay asks of a call that belongs to a connection. */
export interface CallOfConnection {
  /** The client is gone: nothing can be sent to it any more. */
  clientGone(): void;
}

/** A client's connection while it lives. */
export class Connection {
  readonly socket: Duplex;
  readonly facts: ConnectionFacts;
  readonly client: Endpoint;
  /** Undefined: it has no TLS. */
  readonly tls: TlsFacts | undefined;
  readonly calls = new Places<CallOfConnection>();
  /** How many it has had. */
  requests = 0;
  /** A request was refused whose end nobody knows: what comes behind it is not looked at. */
  isRefused = false;

  constructor(socket: Duplex, facts: ConnectionFacts) {
    this.socket = socket;
    this.facts = facts;
    this.client = facts.client ?? endpointOf(socket);
    this.tls = facts.tls ?? tlsFactsOf(socket);
  }

  /** Nothing of it is left: calls under way have lost their client. */
  gone(): void {
    for (const call of this.calls.everyone) call.clientGone();
  }
}

const endpointOf = (socket: Duplex): Endpoint =>
  socket instanceof Socket
    ? { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
    : { address: '', port: 0 };

/** Undefined: the socket has no TLS. */
function tlsFactsOf(socket: Duplex): TlsFacts | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  // On the server's side it is the name that the client asked for; the types know only that of a client.
  const { servername } = socket as TLSSocket & { readonly servername?: string | false };
  return {
    version: socket.getProtocol() ?? undefined,
    serverName: typeof servername === 'string' && servername !== '' ? servername : undefined,
    alpn: socket.alpnProtocol === false ? undefined : (socket.alpnProtocol ?? undefined),
  };
}
