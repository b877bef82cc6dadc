import { once } from 'node:events';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock, CopyBudget, Exchange, SourceContext } from '#source';
import { systemClock } from '#source';
import { nothingWaits } from '../../../src/capture/exchange.testing.ts';
import { CountingMetrics } from '../../../src/lib/metrics.testing.ts';
import { type MemoryLog, memoryLog } from '../../../test/services/memory-log.ts';
import { createRelay } from './create-relay.ts';
import type { Decide, Decision, Upstream } from './decision.ts';
import { withoutHopByHop } from './headers.ts';
import type { Relay, RelayOptions } from './relay.ts';

export interface RelayUnderTest {
  readonly port: number;
  readonly relay: Relay;
  readonly exchanges: readonly Exchange[];
  readonly metrics: CountingMetrics;
  readonly log: MemoryLog;
  /** Resolves to the exchange with this number, once it is there. */
  exchange(index?: number): Promise<Exchange>;
  stop(): Promise<void>;
}

interface Settings extends Partial<Pick<RelayOptions, 'limits' | 'onConnect'>> {
  readonly decide: Decide;
  readonly clock?: Clock;
  readonly bodyLimit?: number;
  readonly isRecording?: boolean;
  readonly copies?: CopyBudget;
  readonly turnedAway?: SourceContext['turnedAway'];
}

/** A relay behind a port of its own. */
export async function startRelay(settings: Settings): Promise<RelayUnderTest> {
  const { decide, clock = systemClock, bodyLimit = 1024, isRecording = true } = settings;
  const { copies, turnedAway } = settings;
  const exchanges: Exchange[] = [];
  const waiting = new Set<() => void>();
  const metrics = new CountingMetrics();
  const log = memoryLog();
  const relay = createRelay({
    ...{ source: 'test', direction: 'in', decide },
    ...{ limits: settings.limits, onConnect: settings.onConnect },
    context: {
      ...{ name: 'test', log, metrics, clock, bodyLimit, copies, isRecording, redis: undefined },
      ...{ writing: nothingWaits, turnedAway },
      record(exchange) {
        exchanges.push(exchange);
        for (const look of waiting) look();
      },
    },
  });
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    relay.accept(socket),
  );
  const port = await listen(server);
  return {
    ...{ port, relay, exchanges, metrics, log },
    exchange: (index = 0) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = exchanges[index];
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    async stop() {
      server.close();
      await relay.close(AbortSignal.abort());
    },
  };
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** An origin that Node's own server is. */
export async function startOrigin(handle: RequestListener): Promise<{
  readonly port: number;
  readonly server: ReturnType<typeof createHttp>;
  stop(): Promise<void>;
}> {
  const server = createHttp({ keepAliveTimeout: 60_000 }, handle);
  const port = await listen(server);
  return { port, server, stop: () => closed(server) };
}

/** An origin that says what a test wants, byte by byte. */
export async function startRawOrigin(
  onSocket: (socket: Socket) => void,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  const port = await listen(server);
  return {
    port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await closed(server);
    },
  };
}

async function closed(server: Server & { closeAllConnections?(): void }): Promise<void> {
  const ended = once(server, 'close');
  server.close();
  server.closeAllConnections?.();
  await ended;
}

export const upstreamAt = (port: number, further: Partial<Upstream> = {}): Upstream => ({
  ...{ protocol: 'http:', host: '127.0.0.1', port, connectTimeout: 5000 },
  ...further,
});

/** Sends each request on as it is. */
export const forwardTo =
  (
    upstream: Upstream,
    further: Partial<Omit<Extract<Decision, { kind: 'forward' }>, 'kind'>> = {},
  ): Decide =>
  (head) => ({
    kind: 'forward',
    upstream,
    target: head.target,
    headers: withoutHopByHop(head.rawHeaders),
    call: {},
    ...further,
  });

/** Sends bytes as they are; resolves to all that came back when the other side has ended the connection. */
export async function speak(port: number, text: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const said: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => said.push(chunk));
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return Buffer.concat(said).toString('latin1');
}

/** A client that says what a test wants, byte by byte, and waits for what it wants. */
export class RawClient {
  readonly socket: Socket;
  #said = '';

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString('latin1');
    });
    this.socket.on('error', () => undefined);
  }

  get said(): string {
    return this.#said;
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Resolves to all that was said, once it contains the text. Rejects where the connection ends before. */
  async until(text: string): Promise<string> {
    while (!this.#said.includes(text)) {
      if (this.socket.readableEnded || this.socket.destroyed)
        throw new Error(`the connection ended with: ${this.#said}`);
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]);
    }
    return this.#said;
  }

  async ended(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.#said;
  }
}
