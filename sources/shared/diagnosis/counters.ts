import type { Loss } from '../wire/conversation.ts';

/**
 * What a source that looks at packets has counted in an interval: the facts from which a verdict says why calls are seen, or
 * why they are not. Plain data, so that it can be kept as JSON. Whoever counts, counts twice: everything that was there
 * (`before`), and what the operator's filters left of it (`after`).
 */
export interface TrafficCounters {
  /** The source's name in the configuration. */
  readonly source: string;
  /** The interval, in milliseconds since 1970: of the clock where packets come live, of the packets where they come from files. */
  readonly from: number;
  readonly to: number;
  /** By name; of files, the name that the file has for it, or the file's own. */
  readonly interfaces: Readonly<Record<string, InterfaceCounts>>;
  readonly before: TrafficView;
  readonly after: TrafficView;
  readonly capture: CaptureCounts;
}

export interface InterfaceCounts {
  readonly packets: number;
  /** As they were on the wire, also where less of them was captured. */
  readonly bytes: number;
  /** Packets that the kernel or the interface had no room for: nobody has seen them. */
  readonly kernelDrops: number;
}

/** The same traffic by port and by host. Both are bounded; what is beyond stands under `other`. */
export interface TrafficView {
  /** By the port that is listened at, as text. */
  readonly ports: Readonly<Record<string, TrafficCounts>>;
  /** By the name that was asked for (Host, `:authority`, SNI), or the server's address where none was. */
  readonly hosts: Readonly<Record<string, TrafficCounts>>;
}

export interface TrafficCounts {
  /** Segments with bytes in them, in both directions. */
  readonly tcpSegments: number;
  /** Heads of requests and answers, of HTTP/1 and HTTP/2. */
  readonly httpRequests: number;
  readonly httpResponses: number;
  /** Connections that began with a ClientHello. */
  readonly tlsHandshakes: number;
  /** Those of them that the server answered in plain HTTP. */
  readonly tlsRefused: number;
  /** Connections of TLS that were read with the secrets of their sessions. */
  readonly tlsDecrypted: number;
  /** Others of which secrets were looked for, by why they are not read, or not on. */
  readonly undecrypted: Readonly<Record<string, number>>;
  /** Connections that speak HTTP/2, in the clear or decrypted. */
  readonly http2Prefaces: number;
  /** Segments in which nothing was recognised. */
  readonly unparsed: number;
  /** Connections of other protocols, by name: `redis`, `postgres`, `grpc`, `websocket`, …. */
  readonly recognised: Readonly<Record<string, number>>;
  /** Handshakes by the name that was asked for; the first hundred, then `other`. */
  readonly serverNames: Readonly<Record<string, number>>;
}

/** Of all interfaces together: what stands between the packets and the calls. */
export interface CaptureCounts {
  /** Answers whose request was not seen: one direction is missing, or it began before us. */
  readonly responsesWithoutRequest: number;
  /** What came to nothing, by the reason; one that is not there did not occur. */
  readonly lost: Readonly<Partial<Record<Loss, number>>>;
  /** Packets that are not looked into, by the reason: `not-tcp`, …. */
  readonly ignored: Readonly<Record<string, number>>;
}
