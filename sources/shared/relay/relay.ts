import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Direction, SourceContext } from '#source';
import type { ConnectionFacts } from './connection-facts.ts';
import type { Decide, RequestHead } from './decision.ts';
import type { RelayLimits } from './limits.ts';

export interface RelayOptions {
  /** Type of the source: exchanges and metrics carry it. */
  readonly source: string;
  readonly direction: Direction;
  readonly context: SourceContext;
  readonly decide: Decide;
  /** Left out: `defaultLimits`. */
  readonly limits?: Partial<RelayLimits> | undefined;
  /**
   * Takes the socket of a CONNECT of HTTP/1.1, and answers it; `first` are bytes that came behind its head. The relay
   * keeps no record of it. Left out: a CONNECT is answered with 405. What it throws ends the socket, with an error line.
   */
  readonly onConnect?:
    | ((head: RequestHead, socket: Duplex, first: Buffer) => void | Promise<void>)
    | undefined;
}

/** Takes clients' connections, asks `decide` about each request, and hands on what both sides say. */
export interface Relay {
  /**
   * A connection that somebody accepted or decrypted: HTTP/1.1, or HTTP/2 where ALPN agreed on it or the client begins
   * with its preface. What was read of it must have been put back with `unshift`. The relay owns it from then on.
   */
  accept(socket: Socket | Duplex, facts?: ConnectionFacts): void;
  /** Lets calls under way end, each with `Connection: close`; cuts what is left when the signal aborts. Accept nothing afterwards. */
  close(signal: AbortSignal): Promise<void>;
}
