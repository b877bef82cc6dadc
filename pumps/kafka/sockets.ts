import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const keepAliveDelay = 60_000;
/** The library cuts an address at its first colon, so an IPv6 address reaches it as a name. */
const sixthPrefix = 'ipv6-';

/** A broker's address as the library can read it. */
export function readableAddress(broker: string): string {
  const [, sixth, port] = /^\[(.+)\]:(\d+)$/.exec(broker) ?? [];
  return sixth === undefined ? broker : `${sixthPrefix}${sixth.replaceAll(':', '-')}:${port ?? ''}`;
}

const hostOf = (name: string): string =>
  name.startsWith(sixthPrefix) ? name.slice(sixthPrefix.length).replaceAll('-', ':') : name;

/**
 * Opens the library's connections, so that they can be cut: its own way to disconnect waits for answers that may never
 * come, and connects again while something is under way.
 */
export class Sockets {
  readonly #open = new Set<Socket>();
  #isCut = false;

  readonly connect: ISocketFactory = (target) => {
    if (this.#isCut) throw new Error('The connections were closed.');
    const socket = connect(target);
    socket.setKeepAlive(true, keepAliveDelay);
    socket.setNoDelay(true);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  };

  /** Cuts them all and refuses new ones. The error is what makes the library drop its timers. */
  async cut(): Promise<void> {
    this.#isCut = true;
    await Promise.all(
      [...this.#open].map(
        (socket) =>
          new Promise((resolve) => {
            socket.once('close', resolve);
            socket.destroy(new Error('closed by us'));
          }),
      ),
    );
  }
}

const connect: ISocketFactory = ({ host: name, port, ssl, onConnect }) => {
  const host = hostOf(name);
  // Typed as always there; it is null without TLS.
  const options = ssl as tls.ConnectionOptions | null;
  if (options === null) return net.connect({ host, port }, onConnect);
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  return tls.connect({ host, port, ...servername, ...options }, onConnect);
};
