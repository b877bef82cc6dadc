import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A link before a server whose answers come a few bytes at a time, and which a test can cut. */
export interface Dribble {
  readonly port: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Bytes of answers that have gone through. */
  readonly passed: number;
  /** So many bytes of answers every ten milliseconds from now on. */
  pace(bytes: number): void;
  cut(): void;
  stop(): Promise<void>;
}

export async function startDribble(target: number): Promise<Dribble> {
  const links = new Set<() => void>();
  let pace = Number.POSITIVE_INFINITY;
  let passed = 0;
  const server = createServer((client) => {
    const redis = connect({ host: '127.0.0.1', port: target });
    client.pipe(redis);
    const timer = setInterval(() => {
      passed += pass(redis, client, pace);
    }, 10);
    const end = (): void => {
      clearInterval(timer);
      links.delete(end);
      client.destroy();
      redis.destroy();
    };
    links.add(end);
    for (const socket of [client, redis]) socket.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const end of [...links]) end();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return links.size;
    },
    get passed() {
      return passed;
    },
    pace(bytes) {
      pace = bytes;
    },
    cut,
    stop() {
      cut();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function pass(from: Socket, to: Socket, most: number): number {
  const bytes = from.read(Math.min(most, from.readableLength)) as Buffer | null;
  if (bytes === null) return 0;
  to.write(bytes);
  return bytes.length;
}
