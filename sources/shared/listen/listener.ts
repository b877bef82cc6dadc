import type { Socket } from 'node:net';
import type { Clock, Direction, Log, Metrics, SourceContext } from '#source';

/** Certificates of a TLS listener, from files in PEM. */
export interface ListenerCertificate {
  /** Names that it is for, `*.example.com` included; empty: those that it is made out to. */
  readonly names: readonly string[];
  readonly certFile: string;
  readonly keyFile: string;
}

export interface ListenerTls {
  /** The first one serves clients that ask for no name, or for another. */
  readonly certificates: readonly ListenerCertificate[];
  /** Authorities in PEM; where given, clients must have a certificate that one of them has signed. */
  readonly clientCaFile?: string | undefined;
  /** Left out: TLSv1.2. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
}

export interface ListenerOptions {
  /** Type of the source, and which way its calls go: for metrics. */
  readonly source: string;
  readonly direction: Direction;
  readonly listen: { readonly host: string; readonly port: number };
  /** Left out: without TLS. */
  readonly tls?: ListenerTls | undefined;
  /** Left out: true. Whether HTTP/2 is offered by ALPN; without TLS the relay finds out by itself. */
  readonly http2?: boolean | undefined;
  /**
   * Takes each connection, after the TLS handshake where there is one: `relay.accept`, which says to a client that speaks TLS
   * to a plain port what is wrong; or what looks at it first.
   */
  readonly onSocket: (socket: Socket) => void;
  /** Hears, for reports, of clients that speak plain HTTP to a port with TLS. */
  readonly turnedAway?: SourceContext['turnedAway'];
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

export interface Listener {
  /** `https://127.0.0.1:8443`, with the port that it has. */
  readonly address: string;
  readonly port: number;
  /** Reads certificates again. Rejects, naming the files, where they are wrong: then the old ones stay. */
  reload(): Promise<void>;
  /** Takes no more connections. Those that were taken are their relay's. */
  stop(): Promise<void>;
}
