import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What happens to the bytes of a connection. */
export type LinkMode =
  | { readonly kind: 'open' }
  /** Connections are reset, new ones too. */
  | { readonly kind: 'cut' }
  /** Nothing goes through, and nobody is told: the network is gone. What was sent meanwhile arrives afterwards. */
  | { readonly kind: 'blackHole' }
  | { readonly kind: 'delayed'; readonly ms: number }
  | { readonly kind: 'throttled'; readonly bytesPerSecond: number };

/** Between a pump and something it talks to. */
export interface TcpProxy {
  readonly port: number;
  set(mode: LinkMode): void;
  stop(): Promise<void>;
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let mode: LinkMode = { kind: 'open' };
  const server = createServer((client) => {
    if (mode.kind === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const pair = new Pair(client, target, () => mode);
    pairs.add(pair);
    client.once('close', () => pairs.delete(pair));
  });
  const port = await listen(server);
  return {
    port,
    set(next) {
      mode = next;
      for (const pair of pairs) pair.modeChanged();
    },
    async stop() {
      mode = { kind: 'cut' };
      for (const pair of pairs) pair.modeChanged();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

export function listen(server: Server, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** The two sockets of one connection. */
class Pair {
  readonly #sockets: readonly [Socket, Socket];
  readonly #mode: () => LinkMode;

  constructor(client: Socket, target: number, mode: () => LinkMode) {
    const server = connect({ host: '127.0.0.1', port: target });
    this.#sockets = [client, server];
    this.#mode = mode;
    this.#carry(client, server);
    this.#carry(server, client);
    this.modeChanged();
  }

  modeChanged(): void {
    const { kind } = this.#mode();
    for (const socket of this.#sockets) {
      if (kind === 'cut') socket.resetAndDestroy();
      else if (kind === 'blackHole') socket.pause();
      else socket.resume();
    }
  }

  #carry(from: Socket, to: Socket): void {
    let last = 0;
    from.on('data', (chunk: Buffer) => {
      const now = Date.now();
      // In order: no chunk leaves before the one in front of it.
      last = this.#departure(chunk.length, { now, last });
      if (last <= now) this.#pass(chunk, from, to);
      else setTimeout(() => this.#pass(chunk, from, to), last - now);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.on('end', () => to.end());
  }

  #departure(size: number, { now, last }: { readonly now: number; readonly last: number }): number {
    const mode = this.#mode();
    if (mode.kind === 'delayed') return Math.max(now + mode.ms, last);
    if (mode.kind !== 'throttled') return Math.max(now, last);
    return Math.max(now, last) + (size / mode.bytesPerSecond) * 1000;
  }

  #pass(chunk: Buffer, from: Socket, to: Socket): void {
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => {
      if (this.#mode().kind !== 'blackHole') from.resume();
    });
  }
}
