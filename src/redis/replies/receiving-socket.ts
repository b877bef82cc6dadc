import { createConnection, type OnReadOpts, type Socket } from 'node:net';
import { AbstractConnector, type RedisOptions } from 'ioredis';

/**
 * Options with which the client library makes a connection as it would with `options`, but for one thing: the bytes
 * that come are written where `onread` says.
 */
export function receivingWith(options: RedisOptions, onread: OnReadOpts): Partial<RedisOptions> {
  if (options.tls !== undefined) {
    const tls = { ...options.tls, onread };
    return { tls };
  }
  if (!options.sentinels) return { Connector: connectorWith(onread) };
  // Its connector makes a socket with what the map of addresses gives, as it is.
  return { natMap: (address) => ({ ...translated(address, options.natMap), onread }) };
}

function translated(
  address: string,
  map: RedisOptions['natMap'],
): { readonly host: string; readonly port: number } {
  const known = typeof map === 'function' ? map(address) : map?.[address];
  if (known) return known;
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}

/** The library's own connector for one server cannot be told. */
const connectorWith = (onread: OnReadOpts) =>
  class ReceivingConnector extends AbstractConnector {
    readonly #options: RedisOptions;

    constructor(options: unknown) {
      // The library gives its own options.
      const given = options as RedisOptions;
      super(given.disconnectTimeout ?? 0);
      this.#options = given;
    }

    connect(): Promise<Socket> {
      const { host, port, family, path } = this.#options;
      const address = path ? { path } : { port: port ?? 0, host, family };
      const socket = createConnection({ ...address, onread });
      this.connecting = true;
      this.stream = socket;
      socket.once('error', (error) => {
        this.firstError = error;
      });
      return Promise.resolve(socket);
    }
  };
