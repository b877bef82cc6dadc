/*
 * What becomes of a CONNECT. A tunnel is opaque: whom it leads to is known, how many bytes went each way, and, from its first
 * ones, what is spoken in it. Or it is looked into: then its connection is decrypted, if it has TLS, and given to the relay,
 * for which each request in it is one like any other.
 *
 * An opaque tunnel is answered when its target is connected to, so that the client hears why it is not. One that may be
 * looked into is answered at once: only then does the client say what it speaks, and for whom.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type Endpoint,
  type ExchangeError,
  explain,
  onAbort,
  ServiceError,
  type SourceContext,
  seconds,
  shownHostPort,
} from '#source';
import { answerOf, type OwnAnswer } from '../shared/relay/answer.ts';
import type { RequestHead } from '../shared/relay/decision.ts';
import { removeHeader } from '../shared/relay/headers.ts';
import { connectTo } from '../shared/relay/upstream/connect.ts';
import { failureOf, statusOf } from '../shared/relay/upstream/failure.ts';
import { startOf, tunnelExchange } from '../shared/tunnel/exchange.ts';
import { type FirstBytes, peekFirstBytes } from '../shared/tunnel/first-bytes.ts';
import { joinSockets } from '../shared/tunnel/join.ts';
import type { Tunnel, TunnelOutcome } from '../shared/tunnel/tunnel.ts';
import { readTarget, type Target } from './access/targets.ts';
import { type Refusal, refusal, refuseClient, refuseTarget } from './admit.ts';
import type { Intercept } from './intercept.ts';
import type { Meter } from './metrics/meter.ts';
import type { Settings } from './settings.ts';
import { opened, written } from './socket-answers.ts';
import type { TunnelLog } from './tunnel-log.ts';
import type { Upstreams } from './upstreams.ts';

interface Parts {
  readonly source: string;
  readonly settings: Settings;
  readonly upstreams: Upstreams;
  readonly meter: Meter;
  readonly context: SourceContext;
  readonly log: TunnelLog;
  /** Undefined: nothing is looked into. */
  readonly intercept: Intercept | undefined;
  /** A port of ours: who asks for it asks for a circle. */
  readonly isOwn: (socket: Socket) => boolean;
}

/** A CONNECT under way. */
interface Asked {
  readonly head: RequestHead;
  readonly socket: Socket;
  readonly target: Target;
  readonly start: ReturnType<typeof startOf>;
}

/** How it ended, for its record. */
interface End {
  readonly status: number;
  readonly reason: string;
  readonly server?: Endpoint | undefined;
  readonly upstream?: number | undefined;
  readonly outcome?: TunnelOutcome | undefined;
  readonly first?: FirstBytes | undefined;
  readonly error?: ExchangeError | undefined;
}

/** How long a refused client may take to read why. */
const lingering = seconds(2);

export class Tunnels {
  readonly #parts: Parts;
  readonly #open = new Set<Tunnel>();
  #allGone: (() => void) | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Takes the client's socket. `early`: bytes that came behind the head of the CONNECT. */
  async connect(head: RequestHead, socket: Duplex, early: Buffer): Promise<void> {
    // Ours come from a listener, or have been decrypted: both are sockets.
    if (!(socket instanceof Socket)) throw new ServiceError('CONTRACT', 'a tunnel has no socket');
    const { context, meter, settings, intercept } = this.#parts;
    const start = startOf(context.clock);
    // Whoever has it later hears of errors, too; until then nobody must fall over one.
    socket.on('error', () => undefined);
    meter.connected(head.client.address);
    const target = readTarget(head.target);
    const refused = this.#refusal(head, target);
    const asked = { head, socket, start, target: target ?? { host: head.target, port: 0 } };
    if (refused !== undefined) {
      this.#refuse(asked, refused);
      return;
    }
    if (early.length > 0) socket.unshift(early);
    if (intercept?.includes(asked.target.host) !== true) {
      await this.#opaque(asked);
      return;
    }
    socket.write(opened);
    const first = await peekFirstBytes(socket, settings.firstBytesTimeout).catch(
      (error: unknown) => ({ kind: 'nothing', words: explain(error) }) as const,
    );
    const fate = await intercept.take(asked, first);
    if (fate === 'not-mine') await this.#opaque(asked, first);
    else if (fate !== 'taken')
      this.#ended(asked, { status: 200, reason: 'OK', first, error: fate });
  }

  /** Resolves when all tunnels have ended; cuts those that are left when the signal aborts. */
  async close(signal: AbortSignal): Promise<void> {
    const forget = onAbort(signal, () => {
      for (const tunnel of this.#open) tunnel.cut({ kind: 'aborted', words: 'the proxy stopped' });
    });
    if (this.#open.size > 0)
      await new Promise<void>((resolve) => {
        this.#allGone = resolve;
      });
    forget();
  }

  #refusal(head: RequestHead, target: Target | undefined): Refusal | undefined {
    const { settings } = this.#parts;
    if (head.connection.authority !== undefined)
      return refusal(
        'target',
        421,
        'This is a tunnel already, and the proxy opens none within it.',
      );
    const refused = refuseClient(settings, {
      address: head.client.address,
      authorization: head.header('proxy-authorization'),
    });
    if (refused !== undefined) return refused;
    return target === undefined
      ? refusal('target', 400, 'CONNECT asks for a host and a port, such as example.com:443.')
      : refuseTarget(settings, target, 'CONNECT');
  }

  #refuse(asked: Asked, { type, status, words, headers }: Refusal): void {
    this.#parts.meter.rejected(type);
    this.#answer(asked, answerOf(status, words, { head: asked.head, headers }), {
      kind: 'denied',
      words,
    });
  }

  /** `first`: the client has been told that the tunnel is open, and this is what it said. */
  async #opaque(asked: Asked, first?: FirstBytes): Promise<void> {
    const { upstreams, context, isOwn } = this.#parts;
    const { socket, target, start } = asked;
    const upstream = upstreams.of({ ...target, protocol: 'http:' });
    let server: Socket;
    try {
      server = await connectTo(upstream, {
        clock: context.clock,
        memory: { session: undefined },
        alpn: [],
      });
    } catch (error) {
      const failure = failureOf(error, upstream);
      if (first === undefined)
        this.#answer(asked, answerOf(statusOf(failure), failure.words, asked), failure);
      else this.#ended(asked, { status: 200, reason: 'OK', first, error: failure });
      return;
    }
    if (isOwn(server)) {
      server.destroy();
      this.#refuse(asked, refusal('loop', 508, 'The proxy was asked to connect to itself.'));
      return;
    }
    if (socket.destroyed) server.destroy();
    else if (first === undefined) socket.write(opened);
    this.#join(asked, server, { first, upstream: context.clock.elapsed() - start.started });
  }

  #join(
    asked: Asked,
    server: Socket,
    known: { readonly first: FirstBytes | undefined; readonly upstream: number },
  ): void {
    const { settings, context, meter } = this.#parts;
    let { first } = known;
    const place = { address: server.remoteAddress ?? '', port: server.remotePort ?? 0 };
    const tunnel = joinSockets(asked.socket, server, {
      idleTimeout: settings.idleTimeout,
      clock: context.clock,
      first:
        first === undefined
          ? (seen) => {
              first = seen;
            }
          : undefined,
    });
    this.#open.add(tunnel);
    meter.tunnelOpened();
    void tunnel.ended.then((outcome) => {
      this.#open.delete(tunnel);
      meter.tunnelEnded();
      this.#ended(asked, {
        ...{ status: 200, reason: 'OK', first, outcome, server: place, upstream: known.upstream },
      });
      if (this.#open.size === 0) this.#allGone?.();
    });
  }

  #answer(asked: Asked, answer: OwnAnswer, error: ExchangeError): void {
    const { socket } = asked;
    socket.end(written(answer));
    // What it still sends is thrown away for a moment: a reset would take the answer with it.
    socket.resume();
    socket.once(
      'close',
      this.#parts.context.clock.after(lingering, () => socket.destroy()),
    );
    this.#ended(asked, { status: answer.status, reason: '', error });
  }

  #ended({ head, socket, target, start }: Asked, end: End): void {
    const { context, source, meter, log } = this.#parts;
    const error = end.error ?? end.outcome?.error;
    if (end.status === 200 && error !== undefined && end.outcome === undefined) socket.destroy();
    if (end.status === 200) meter.tunnelled(end.first?.kind ?? 'nothing', error?.kind ?? 'ended');
    log.ended({ target, client: head.client, ...end, error });
    if (!context.isRecording) return;
    context.record(
      tunnelExchange(
        {
          source,
          direction: 'out',
          client: head.client,
          server: end.server,
          target: shownHostPort(target),
          rawHeaders: removeHeader(head.rawHeaders, 'proxy-authorization'),
          call: {},
        },
        { ...start, upstream: end.upstream ?? 0 },
        { ...end, elapsed: context.clock.elapsed() },
      ),
    );
  }
}
