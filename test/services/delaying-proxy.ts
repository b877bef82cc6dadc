import { connect, createServer, type Socket } from 'node:net';
import { listen } from '../faults/tcp-proxy.ts';

/** A server as if it stood far away. */
export interface DelayingProxy {
  readonly host: string;
  readonly port: number;
  /** How often bytes of a client set out after an answer had come: at least so many round trips were waited for. */
  readonly turns: number;
  stop(): Promise<void>;
}

/** Half a step of Node's timers: they ring late, and so would every byte. */
const timerStep = 0.5;

/**
 * Passes bytes on after half a round trip in each direction, in their order and as many as come: a long way, and a wide
 * one. Connections are made at once.
 */
export async function startDelayingProxy(
  target: { readonly host?: string; readonly port: number },
  roundTripMs: number,
): Promise<DelayingProxy> {
  const sockets = new Set<Socket>();
  let turns = 0;
  const server = createServer({ noDelay: true }, (client) => {
    const { host = '127.0.0.1', port } = target;
    const upstream = connect({ host, port, noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    let hasAnswered = true;
    carry(client, upstream, roundTripMs / 2, {
      onCame: () => {
        if (hasAnswered) turns += 1;
        hasAnswered = false;
      },
    });
    carry(upstream, client, roundTripMs / 2, {
      onWent: () => {
        hasAnswered = true;
      },
    });
  });
  const ownPort = await listen(server);
  return {
    host: '127.0.0.1',
    port: ownPort,
    get turns() {
      return turns;
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

function carry(
  from: Socket,
  to: Socket,
  delayMs: number,
  { onCame = nothing, onWent = nothing }: { onCame?: () => void; onWent?: () => void },
): void {
  // One queue and one timer for each direction: timers of their own could overtake each other.
  const onTheWay: { readonly bytes: Buffer; readonly at: number }[] = [];
  let hasEnded = false;
  const arrive = (): void => {
    const now = performance.now();
    let arrived = 0;
    for (const { bytes, at } of onTheWay) {
      if (at > now + timerStep) break;
      arrived += 1;
      onWent();
      pass(bytes, from, to);
    }
    onTheWay.splice(0, arrived);
    const [next] = onTheWay;
    if (next !== undefined) setTimeout(arrive, next.at - now);
    else if (hasEnded) to.end();
  };
  from.on('data', (bytes: Buffer) => {
    onCame();
    onTheWay.push({ bytes, at: performance.now() + delayMs });
    if (onTheWay.length === 1) setTimeout(arrive, delayMs);
  });
  from.on('end', () => {
    hasEnded = true;
    if (onTheWay.length === 0) to.end();
  });
  from.on('error', () => to.destroy());
  from.on('close', () => {
    if (!hasEnded) to.destroy();
  });
}

function pass(bytes: Buffer, from: Socket, to: Socket): void {
  if (to.destroyed || to.write(bytes) || from.isPaused()) return;
  from.pause();
  to.once('drain', () => from.resume());
}

const nothing = (): void => undefined;
