import { type Agent, request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../../lib/clock.ts';
import { bareHost } from '../../lib/host-port.ts';
import type { Bytes } from '../../lib/units.ts';
import { Connections, tlsToProxy } from './connections.ts';
import { exchange, type RawAnswer } from './exchange.ts';
import type { Proxy } from './proxy.ts';
import { tunnelAgent } from './tunnel.ts';

/** Connections to one server, which are kept. */
export interface Wire {
  /** Sends once. Rejects where there is no answer; settles when the body is its owner's again (exchange.ts). */
  request(options: WireRequest, signal: AbortSignal): Promise<RawAnswer>;
  /** Takes nothing new, and lets what is under way come to its end. */
  end(): Promise<void>;
  /** Ends everything now, also connections that are only being made. */
  cut(): void;
}

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  /** Most bytes of the answer. */
  readonly most: Bytes;
}

export interface WireOptions {
  readonly tls: ConnectionOptions;
  readonly proxy: Proxy | undefined;
  readonly clock: Clock;
}

export function openWire(url: URL, options: WireOptions): Wire {
  const connections = new Connections(options.clock);
  const way = wayTo(url, options, connections);
  const { hostname, port, protocol } = way.url;
  const start = protocol === 'https:' ? tlsRequest : request;
  const common = {
    host: bareHost(hostname),
    ...(port === '' ? {} : { port }),
    agent: way.agent,
    // A connection that waits for its answer is not idle: the signal ends a request, not the library.
    timeout: 0,
  };
  const underWay = new Set<Promise<unknown>>();
  let isOpen = true;
  return {
    async request({ method, path, headers, body, most }, signal) {
      signal.throwIfAborted();
      if (!isOpen) throw new Error('the client is closed');
      const started = start({
        ...common,
        method,
        path: way.prefix + path,
        headers: { ...headers, ...way.headers },
      });
      const work = exchange(started, { body, most }, signal);
      underWay.add(work);
      try {
        return await work;
      } finally {
        underWay.delete(work);
      }
    },
    async end() {
      isOpen = false;
      await Promise.allSettled(underWay);
      connections.cut();
    },
    cut() {
      isOpen = false;
      connections.cut();
    },
  };
}

/** Whom requests are handed to, and what they say besides what the pump wants. */
interface Way {
  readonly url: URL;
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  /** What stands before the path. */
  readonly prefix: string;
}

/**
 * Straight, or through a proxy: https in a tunnel, http as a request to the proxy, as proxies expect it (many allow
 * tunnels to port 443 alone).
 */
function wayTo(url: URL, { tls, proxy }: WireOptions, connections: Connections): Way {
  const straight = { url, headers: {}, prefix: '' };
  if (proxy === undefined) return { ...straight, agent: connections.agentFor(url, tls) };
  if (url.protocol === 'https:')
    return { ...straight, agent: tunnelAgent({ url, proxy, tls }, connections) };
  const { authorization } = proxy;
  return {
    url: proxy.url,
    agent: connections.agentFor(proxy.url, tlsToProxy(tls, proxy.url)),
    prefix: url.origin,
    headers: {
      host: url.host,
      ...(authorization === undefined ? {} : { 'proxy-authorization': authorization.reveal() }),
    },
  };
}
