/** Which way a call goes, seen from the machine or network that it is captured for. */
export type Direction = 'in' | 'out';

/** One side of a connection. `port` 0: not known, as of a Unix socket. */
export interface Endpoint {
  /** An IP address, or the path of a Unix socket. */
  readonly address: string;
  readonly port: number;
}

/** What is known of a connection's TLS, from either side of it. */
export interface TlsFacts {
  /** `TLSv1.3`, as Node names it; undefined: not known. */
  readonly version: string | undefined;
  /** The name that the client asked for (SNI). */
  readonly serverName: string | undefined;
  /** What both agreed to speak. */
  readonly alpn: string | undefined;
}

/** A body, or what is kept of it. */
export interface BodyCopy {
  /** Its first bytes, up to the bound of the source. */
  readonly bytes: Uint8Array;
  /** How many bytes it has, whatever is kept. */
  readonly length: number;
}

interface Message {
  /** Names and values alternately, in the order and spelling of the wire. */
  readonly rawHeaders: readonly string[];
  /** `1.1`, `1.0`, `2.0`. */
  readonly httpVersion: string;
  readonly body: BodyCopy;
}

export interface RequestSeen extends Message {
  readonly method: string;
  /** As the client wrote it: `/path?query`, a URL, `host:port` for CONNECT. */
  readonly target: string;
  /** Name and port that it was meant for: the Host header, or `:authority`. */
  readonly host: string;
}

export interface ResponseSeen extends Message {
  readonly status: number;
  /** The phrase behind the status; empty in HTTP/2. */
  readonly reason: string;
}

/** Why a call failed, where it is not the server that says so. */
export interface ExchangeError {
  /** One of few words, for tags and metrics: `timeout`, `refused`, `tls`, `reset`, `denied`, `aborted`. */
  readonly kind: string;
  /** A sentence for people. Never a secret. */
  readonly words: string;
}

/** Whose call it is: what a gateway takes from its definitions, and others from their configuration. Left out: not known. */
export interface CallFacts {
  readonly apiId?: string | undefined;
  readonly apiName?: string | undefined;
  /** Left out: `Non Versioned`. */
  readonly apiVersion?: string | undefined;
  readonly orgId?: string | undefined;
  /** The key of the session, as the record carries it. */
  readonly apiKey?: string | undefined;
  readonly oauthId?: string | undefined;
  readonly alias?: string | undefined;
  readonly listenPath?: string | undefined;
  /** Path that the record shows, where it is not that of the request. */
  readonly path?: string | undefined;
  /** Path that the record shows as the unfolded one (`RawPath`), where it is not that of the request. */
  readonly rawPath?: string | undefined;
  /** Host that the record shows, where it is not that of the request: a gateway shows the upstream's. */
  readonly host?: string | undefined;
  /** Seconds that sinks with an expiry keep the record; left out: as the gateway does without one (a hundred years). */
  readonly expiresAfter?: number | undefined;
  /** Whether the record has payloads, where the definition or the session says so; left out: as the source is configured. */
  readonly isDetailed?: boolean | undefined;
  readonly trackPath?: boolean | undefined;
  readonly tags?: readonly string[] | undefined;
  /** What the client is called at, where a proxy before us said so; left out: the client's address. */
  readonly clientAddress?: string | undefined;
}

/** One request and its answer, or one opaque connection, as a source saw it. */
export interface Exchange {
  /** Type of the source: the name of its folder. */
  readonly source: string;
  readonly direction: Direction;
  /** When the first byte of the request was there: milliseconds since 1970, with fractions. */
  readonly startedAt: number;
  /**
   * Milliseconds, with fractions. `total`: from `startedAt` to the last byte of the answer. `upstream`: how much of it was
   * waiting for the server. 0: not known. `gateway`: what a proxy of ours added; left out: the difference of both.
   */
  readonly latency: {
    readonly total: number;
    readonly upstream: number;
    readonly gateway?: number | undefined;
  };
  readonly client: Endpoint;
  /** Whom we, or the client, were connected to; undefined: nobody. */
  readonly server: Endpoint | undefined;
  readonly scheme: 'http' | 'https' | 'tcp';
  /** Of the client's connection; undefined: it had no TLS. */
  readonly tls: TlsFacts | undefined;
  /** Nobody looked into it: a tunnel of which only addresses, name, bytes and duration are known. */
  readonly isOpaque: boolean;
  readonly request: RequestSeen;
  /** Undefined: there was none. */
  readonly response: ResponseSeen | undefined;
  /** Bytes from the client and to it, heads and bodies; of a tunnel what passed through it. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly error: ExchangeError | undefined;
  readonly call: CallFacts;
}
