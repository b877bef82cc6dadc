import { connect, createServer, type Socket } from 'node:net';
import { listen } from '../faults/tcp-proxy.ts';

/** What is kept back: the word of the client, or that of the server, which has committed by then. */
export type Held = 'commit' | 'answer';

/** Between a pump and PostgreSQL, at the one moment when one of them knows what the other does not. */
export interface CommitProxy {
  readonly port: number;
  /** From now on COMMITs, or their answers, are kept back, and with them all that follows on their connections. */
  hold(what: Held): void;
  /** Whether one is kept back; of an answer all of it, so that the server has committed. */
  readonly isHolding: boolean;
  /** Holds no more. Connections on which something is kept back are reset, and the server hears of it. */
  release(): void;
  stop(): Promise<void>;
}

/** The end of a simple query (`Q`) whose last statement it is. The client waits for the answer, so nothing stands behind it. */
const commit = Buffer.from('COMMIT\0');
/** The end of an answer outside a transaction. */
const ready = Buffer.from('Z\0\0\0\x05I');

export async function startCommitProxy(target: number): Promise<CommitProxy> {
  const sockets = new Set<Socket>();
  const stuck = new Set<Socket>();
  let held: Held | undefined;
  let isHolding = false;
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port: target, noDelay: true });
    let tail = Buffer.alloc(0);
    let isCommitted = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
    }
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
    client.on('data', (bytes: Buffer) => {
      tail = Buffer.concat([tail, bytes]).subarray(-commit.length);
      isCommitted = tail.equals(commit);
      if (isCommitted && held === 'commit') {
        stuck.add(client);
        isHolding = true;
      } else upstream.write(bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      if (isCommitted && held === 'answer') {
        stuck.add(client);
        isHolding ||= bytes.subarray(-ready.length).equals(ready);
      } else client.write(bytes);
    });
  });
  const port = await listen(server);
  return {
    port,
    hold(what) {
      held = what;
      isHolding = false;
    },
    get isHolding() {
      return isHolding;
    },
    release() {
      held = undefined;
      for (const socket of stuck) socket.destroy();
      stuck.clear();
    },
    async stop() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
