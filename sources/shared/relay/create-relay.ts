import type { Duplex } from 'node:stream';
import { isAborted, millis, onAbort } from '#source';
import { isTlsHandshake, peek } from '../listen/peek.ts';
import { QuietLog } from '../listen/quiet-log.ts';
import { Http1Server } from './client/http1-server.ts';
import { Http2Server } from './client/http2-server.ts';
import { PlainServer } from './client/plain-server.ts';
import { refuseOn } from './client/refuse.ts';
import { Connection } from './connection.ts';
import type { ConnectionFacts } from './connection-facts.ts';
import { defaultLimits } from './limits.ts';
import { Meter } from './meter.ts';
import type { RelayParts } from './parts.ts';
import { Places } from './places.ts';
import type { Relay, RelayOptions } from './relay.ts';
import { shownUpstream } from './upstream/failure.ts';
import { Upstreams } from './upstream/upstreams.ts';

/** How often calls are looked at: whatever has a bound in time may take so much longer. */
const sweepEvery = millis(250);

export function createRelay(options: RelayOptions): Relay {
  const { context, source, direction } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const meter = new Meter(context.metrics, source, direction);
  const log = new QuietLog(context.log, context.clock);
  const parts: RelayParts = {
    source,
    direction,
    context,
    decide: options.decide,
    limits,
    meter,
    quietLog: log,
    upstreams: new Upstreams({
      clock: context.clock,
      limits,
      count: (change) => meter.upstreams(change),
      onWait: (upstream) => {
        meter.waited();
        log.warn(
          { upstream: shownUpstream(upstream), connections: limits.upstreamConnections },
          'Requests wait for a connection to an upstream, which has as many as it may have',
        );
      },
    }),
    calls: new Places(),
    isClosing: false,
  };
  return new OpenRelay(parts, new Http1Server(parts, options.onConnect), new Http2Server(parts));
}

class OpenRelay implements Relay {
  readonly #parts: RelayParts;
  readonly #plain: PlainServer;
  readonly #http1: Http1Server;
  readonly #http2: Http2Server;
  readonly #connections = new Set<Connection>();
  #callOffSweep: (() => void) | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(parts: RelayParts, http1: Http1Server, http2: Http2Server) {
    this.#parts = parts;
    this.#http1 = http1;
    this.#plain = new PlainServer(parts, (connection) => http1.serve(connection));
    this.#http2 = http2;
  }

  accept(socket: Duplex, facts: ConnectionFacts = {}): void {
    const { limits, meter } = this.#parts;
    // Whatever breaks, the connection's end says so; without a listener it would end the process.
    socket.on('error', ignore);
    if (this.#connections.size >= limits.connections) {
      meter.refused('connections');
      this.#parts.quietLog.warn(
        { connections: limits.connections },
        'Connections are closed at once: there are as many as there may be',
      );
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
    if (connection.tls?.alpn === 'h2') this.#http2.serve(connection);
    else if (connection.tls !== undefined) this.#plain.serve(connection);
    else this.#listenFirst(connection);
  }

  /** Without TLS it is the first bytes that tell what a client speaks. */
  #listenFirst(connection: Connection): void {
    const { context, limits, meter } = this.#parts;
    const { socket } = connection;
    const silent = (): void => {
      meter.refused('silent');
      socket.destroy();
    };
    peek(socket, { clock: context.clock, time: limits.clientIdle, silent }, (first) => {
      if (isTlsHandshake(first)) this.#refuseTls(connection);
      else if (first.toString('latin1', 0, 3) === 'PRI') this.#http2.serve(connection);
      else this.#plain.serve(connection);
    });
  }

  /** In plain HTTP: a client of TLS then says `wrong version number`, which is known to mean this. */
  #refuseTls(connection: Connection): void {
    const words =
      'This port speaks plain HTTP, and the client began with TLS. Use http:// in the address.';
    this.#parts.context.turnedAway?.('tls-on-plain-port');
    refuseOn(connection, { reason: 'tls_on_plain_port', status: 400, words }, this.#parts);
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#parts.isClosing = true;
    this.#plain.closeIdle();
    this.#http1.closeIdle();
    this.#http2.closeGently();
    // Those that have not said a word are idle as well.
    for (const { socket, calls } of this.#connections)
      if (calls.size === 0 && socket.listenerCount('readable') > 0) socket.destroy();
    if (this.#connections.size > 0 && !isAborted(signal)) {
      let forget = (): void => undefined;
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
        forget = onAbort(signal, resolve);
      });
      forget();
    }
    for (const call of this.#parts.calls.everyone) call.cut();
    for (const { socket } of [...this.#connections]) socket.destroy();
    this.#http1.close();
    this.#parts.upstreams.close();
    this.#callOffSweep?.();
  }

  #sweepLater(): () => void {
    return this.#parts.context.clock.after(sweepEvery, () => {
      for (const call of this.#parts.calls.everyone) call.sweep(sweepEvery);
      this.#plain.sweep();
      const isBusy = this.#connections.size > 0 || this.#parts.calls.size > 0;
      this.#callOffSweep = isBusy ? this.#sweepLater() : undefined;
    });
  }
}

const ignore = (): void => undefined;
