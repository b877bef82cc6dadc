import { isIP, Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Proxy } from './proxy.ts';

/** Connections to one server, which are kept. */
export interface Wire {
  /** Sends once. Rejects where no answer begins. */
  request(options: WireRequest): Promise<Dispatcher.ResponseData>;
  /** Lets what is under way come to its end. */
  end(): Promise<void>;
  /** Ends everything now, also connections that are only being made. */
  cut(): void;
}

export type WireRequest = Pick<
  Dispatcher.RequestOptions,
  'path' | 'method' | 'headers' | 'body' | 'signal'
>;

export interface WireOptions {
  readonly tls: ConnectionOptions;
  readonly proxy: Proxy | undefined;
}

/** Load balancers cut idle connections after a minute, and a request sent at that moment would fail. */
const idleTimeout = 20_000;
/** Longest a connection may take to be made; a deadline may be shorter. */
const connectTimeout = 10_000;

const poolOptions = {
  keepAliveTimeout: idleTimeout,
  keepAliveMaxTimeout: idleTimeout,
  pipelining: 1,
  // The signal ends a request, not the library.
  headersTimeout: 0,
  bodyTimeout: 0,
} as const;

export function openWire(url: URL, { tls, proxy }: WireOptions): Wire {
  const beginning = new Set<Socket>();
  const dispatcher =
    proxy === undefined
      ? new Pool(url.origin, {
          ...poolOptions,
          connect: watched(buildConnector(connectOptions(tls)), beginning),
        })
      : throughProxy(proxy, tls, beginning);
  return {
    request: (options) => dispatcher.request({ ...options, origin: url.origin }),
    end: () => dispatcher.close(),
    cut() {
      dispatcher.destroy().catch(() => undefined);
      for (const socket of beginning) socket.destroy();
    },
  };
}

/**
 * By the library's own agent: https through a tunnel, http as a request to the proxy, as proxies expect it (many allow
 * tunnels to port 443 alone). As in Go, authorities and client certificate hold for a proxy with TLS too.
 */
function throughProxy(proxy: Proxy, tls: ConnectionOptions, beginning: Set<Socket>): Dispatcher {
  const pool = (origin: URL | string, options: object, headersTimeout = 0): Pool => {
    const { connect } = options as { readonly connect: buildConnector.connector };
    const watching = watched(connect, beginning);
    return new Pool(origin, { ...poolOptions, headersTimeout, connect: watching });
  };
  return new ProxyAgent({
    ...poolOptions,
    uri: proxy.url.href,
    ...(proxy.authorization === undefined ? {} : { token: proxy.authorization.reveal() }),
    proxyTunnel: false,
    requestTls: connectOptions(tls),
    // The server's name is not the proxy's; empty, it is that of its address.
    proxyTls: connectOptions({ ...tls, servername: '' }),
    // Makes the tunnels, which is a part of connecting.
    clientFactory: (origin, options) => pool(origin, options, connectTimeout),
    factory: pool,
  });
}

/** The types of Node allow an undefined port, those of the library do not. */
const connectOptions = (tls: ConnectionOptions): buildConnector.BuildOptions =>
  ({ ...tls, timeout: connectTimeout }) as buildConnector.BuildOptions;

/** The library forgets a connection it is making when it is closed, and would let it try on for seconds. */
function watched(
  connect: buildConnector.connector,
  beginning: Set<Socket>,
): buildConnector.connector {
  // It gives the socket back, which its type does not say.
  const start: (...given: Parameters<typeof connect>) => unknown = connect;
  return (options, callback) => {
    // An address is no name to ask for; Node would say so on standard error.
    const { servername = '', ...others } = options;
    const asked = isIP(servername) === 0 ? options : others;
    const made = start(asked, (...outcome) => {
      if (made instanceof Socket) beginning.delete(made);
      callback(...outcome);
    });
    if (made instanceof Socket) beginning.add(made);
  };
}
