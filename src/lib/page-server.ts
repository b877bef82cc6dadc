import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { limitBody, type Refuse } from './request-body.ts';

/** For a whole request to arrive, headers and all. */
const requestTime = 5_000;
/** How often requests are looked at that do not arrive. */
const lookEvery = 1_000;
/** Nothing was read or written on the connection: its client has stopped reading, or has gone without a word. */
const idleTime = 30_000;
/** Far more than probes and scrapers need, and a bound on what clients can hold that only hold on. */
const mostConnections = 2_000;

/**
 * A server of small pages for people, probes and scrapers. Clients that send or read slowly, or not at all, lose their
 * connection after seconds, those that send too much at once: they must not use up what everybody needs.
 */
export function createPageServer(
  listener: RequestListener,
  {
    tls,
    refuse,
  }: {
    /** Certificate and key in PEM: it speaks HTTPS then. */
    readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
    /** Says to a client that its body is too large. */
    readonly refuse?: Refuse;
  } = {},
): Server | SecureServer {
  const limits = {
    requestTimeout: requestTime,
    headersTimeout: requestTime,
    connectionsCheckingInterval: lookEvery,
  };
  const limited: RequestListener = (request, response) => {
    limitBody(request, response, refuse);
    listener(request, response);
  };
  const server =
    tls === undefined
      ? createServer(limits, limited)
      : createSecureServer({ ...limits, ...tls, handshakeTimeout: requestTime }, limited);
  server.timeout = idleTime;
  server.maxConnections = mostConnections;
  return server;
}
