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
    // One queue and one timer: timers of their own could overtake each other.
    const queue: { readonly chunk: Buffer; readonly at: number }[] = [];
    let last = 0;
    let hasEnded = false;
    const send = (): void => {
      const now = Date.now();
      for (let [head] = queue; head !== undefined && head.at <= now; [head] = queue) {
        queue.shift();
        this.#pass(head.chunk, from, to);
      }
      const [head] = queue;
      if (head !== undefined) setTimeout(send, head.at - now + 1);
      else if (hasEnded) to.end();
    };
    from.on('data', (chunk: Buffer) => {
      last = this.#departure(chunk.length, { now: Date.now(), last });
      queue.push({ chunk, at: last });
      // With others in front, their timer is running.
      if (queue.length === 1) send();
    });
    from.on('error', () => to.destroy());
    from.on('end', () => {
      hasEnded = true;
      if (queue.length === 0) to.end();
    });
    from.on('close', (hadError: boolean) => {
      if (hadError || !hasEnded) to.destroy();
    });
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
