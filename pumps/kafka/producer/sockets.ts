import net, { type Socket } from 'node:net';
import tls, { type ConnectionOptions } from 'node:tls';
import { hostPortOf, type Millis, tlsWords } from '#pump';
import { KafkaError, unreachable } from './kafka-error.ts';

const keepAliveDelay = 60_000;

export interface SocketTarget {
  /** `host:port`, or `[host]:port` for IPv6. */
  readonly address: string;
  readonly tls: ConnectionOptions | undefined;
  /** Longest wait for the connection, and for anything to come while something is waited for. */
  readonly timeout: Millis;
}

/** Opens connections, so that all of them can be cut at once whatever is under way on them. */
export class Sockets {
  readonly #open = new Set<Socket>();
  readonly #cutting = new AbortController();

  /** Aborts when they are cut. */
  get signal(): AbortSignal {
    return this.#cutting.signal;
  }

  /** Connects, with TLS up to its end. Throws a KafkaError. */
  async connect({ address, tls: options, timeout }: SocketTarget): Promise<Socket> {
    if (this.#cutting.signal.aborted) throw unreachable('The connections were closed.');
    const at = hostPortOf(address);
    if (at === undefined) throw unreachable(`${address} is no host and port`);
    const { host, port } = at;
    const servername = net.isIP(host) === 0 ? { servername: host } : {};
    const socket =
      options === undefined
        ? net.connect({ host, port })
        : tls.connect({ host, port, ...servername, ...options });
    socket.setKeepAlive(true, keepAliveDelay);
    socket.setNoDelay(true);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    const late = (): void => {
      socket.destroy(unreachable(`no connection to ${address} in time`));
    };
    socket.setTimeout(timeout, late);
    await new Promise<void>((resolve, reject) => {
      socket.once(options === undefined ? 'connect' : 'secureConnect', resolve);
      socket.once('error', (cause) => {
        const words = tlsWords(cause);
        reject(
          cause instanceof KafkaError
            ? cause
            : words === undefined
              ? unreachable(`no connection to ${address}`, cause)
              : unreachable(`no connection to ${address}: ${words}`),
        );
      });
      socket.once('close', () => reject(unreachable(`no connection to ${address}`)));
    });
    socket.off('timeout', late);
    return socket;
  }

  /** Cuts them all and refuses new ones. */
  async cut(): Promise<void> {
    this.#cutting.abort();
    await Promise.all(
      [...this.#open].map(
        (socket) =>
          new Promise((resolve) => {
            socket.once('close', resolve);
            socket.destroy(unreachable('The connections were closed.'));
          }),
      ),
    );
  }
}

export const timedOut = (address: string, what: string): KafkaError =>
  new KafkaError(`${address} did not answer in time to ${what}`, {
    kind: 'timeout',
    isPassing: true,
  });
