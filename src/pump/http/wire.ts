import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { buildConnector, type Dispatcher, Pool } from 'undici';

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

export function openWire(url: URL, tls: ConnectionOptions): Wire {
  const beginning = new Set<Socket>();
  const pool = new Pool(url.origin, {
    ...poolOptions,
    connect: watched(buildConnector(connectOptions(tls)), beginning),
  });
  return {
    request: (options) => pool.request(options),
    end: () => pool.close(),
    cut() {
      pool.destroy().catch(() => undefined);
      for (const socket of beginning) socket.destroy();
    },
  };
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
    const made = start(options, (...outcome) => {
      if (made instanceof Socket) beginning.delete(made);
      callback(...outcome);
    });
    if (made instanceof Socket) beginning.add(made);
  };
}
