import { type Millis, seconds } from '#source';

/** Bounds of a relay. Each that is reached is counted, with its reason (`sluice_capture_refused_total`, `sluice_capture_errors_total`). */
export interface RelayLimits {
  /** Bytes of a request's or an answer's head; more is a 431, or a 502. */
  readonly headerBytes: number;
  /** Clients' connections at a time; further ones are closed at once. */
  readonly connections: number;
  /** Requests on one connection of a client; the last one's answer says `Connection: close`. 0: no bound. */
  readonly requestsPerConnection: number;
  /** Connections to one upstream at a time; further requests wait for one that becomes free, which is counted and logged. */
  readonly upstreamConnections: number;
  /** How long a connection of a client may be idle between two requests. */
  readonly clientIdle: Millis;
  /** How long a connection to an upstream is kept without a request. */
  readonly upstreamIdle: Millis;
  /** From the first byte of a request to the end of its head: 408. */
  readonly head: Millis;
  /** How long a client may neither send what it announced nor take what it is sent. */
  readonly clientStall: Millis;
  /** How long an upstream may neither take a body nor go on with its answer, once its head is there. */
  readonly upstreamStall: Millis;
  /** How long an upgraded connection may be silent in both directions. */
  readonly tunnelIdle: Millis;
}

export const defaultLimits: RelayLimits = {
  headerBytes: 64 * 1024,
  connections: 10_000,
  requestsPerConnection: 0,
  upstreamConnections: 4096,
  clientIdle: seconds(75),
  upstreamIdle: seconds(55),
  head: seconds(30),
  clientStall: seconds(60),
  upstreamStall: seconds(300),
  tunnelIdle: seconds(3600),
};
