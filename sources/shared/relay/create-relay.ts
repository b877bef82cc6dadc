import type { Duplex } from 'node:stream';
import { isAborted, millis, onAbort } from '#source';
import { Http1Server } from './client/http1-server.ts';
import { Connection } from './connection.ts';
import type { ConnectionFacts } from './connection-facts.ts';
import { defaultLimits } from './limits.ts';
import { Meter } from './meter.ts';
import type { RelayParts } from './parts.ts';
import type { Relay, RelayOptions } from './relay.ts';
import { Upstreams } from './upstream/upstreams.ts';

/** How often calls are looked at: whatever has a bound in time may take so much longer. */
const sweepEvery = millis(250);

export function createRelay(options: RelayOptions): Relay {
  const { context, source, direction } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const meter = new Meter(context.metrics, source, direction);
  const parts: RelayParts = {
    source,
    direction,
    context,
    decide: options.decide,
    limits,
    meter,
    upstreams: new Upstreams({
      clock: context.clock,
      limits,
      count: (change) => meter.upstreams(change),
    }),
    calls: new Set(),
    isClosing: false,
  };
  return new OpenRelay(parts, new Http1Server(parts, options.onConnect));
}

class OpenRelay implements Relay {
  readonly #parts: RelayParts;
  readonly #http1: Http1Server;
  readonly #connections = new Set<Connection>();
  #callOffSweep: (() => void) | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(parts: RelayParts, http1: Http1Server) {
    this.#parts = parts;
    this.#http1 = http1;
  }

  accept(socket: Duplex, facts: ConnectionFacts = {}): void {
    const { limits, meter } = this.#parts;
    // Whatever breaks, the connection's end says so; without a listener it would end the process.
    socket.on('error', ignore);
    if (this.#connections.size >= limits.connections) {
      meter.refused('connections');
      socket.destroy();
      return;
    }
    if (this.#parts.isClosing || socket.destroyed) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, facts);
    this.#connections.add(connection);
    meter.clients(1);
    socket.once('close', () => {
      this.#connections.delete(connection);
      meter.clients(-1);
      connection.gone();
      if (this.#connections.size === 0) this.#whenEmpty?.();
    });
    this.#callOffSweep ??= this.#sweepLater();
    this.#http1.serve(connection);
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#parts.isClosing = true;
    this.#http1.closeIdle();
    if (this.#connections.size > 0 && !isAborted(signal)) {
      let forget = (): void => undefined;
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
        forget = onAbort(signal, resolve);
      });
      forget();
    }
    for (const call of [...this.#parts.calls]) call.cut();
    for (const { socket } of [...this.#connections]) socket.destroy();
    this.#http1.close();
    this.#parts.upstreams.close();
    this.#callOffSweep?.();
  }

  #sweepLater(): () => void {
    return this.#parts.context.clock.after(sweepEvery, () => {
      for (const call of [...this.#parts.calls]) call.sweep(sweepEvery);
      const isBusy = this.#connections.size > 0 || this.#parts.calls.size > 0;
      this.#callOffSweep = isBusy ? this.#sweepLater() : undefined;
    });
  }
}

const ignore = (): void => undefined;
