import type { Socket } from 'node:net';
import { type ExchangeError, isAborted, onAbort, type SourceContext } from '#source';
import { startOf, type TunnelTimes, tunnelExchange } from '../../shared/tunnel/exchange.ts';
import type { FirstBytes } from '../../shared/tunnel/first-bytes.ts';
import { joinSockets } from '../../shared/tunnel/join.ts';
import type { Tunnel, TunnelOutcome } from '../../shared/tunnel/tunnel.ts';
import { type Audit, shownAsked } from '../audit/audit.ts';
import type { AuditEvent } from '../audit/event.ts';
import type { Place } from '../call/router.ts';
import type { Ruling } from '../call/ruling.ts';
import type { Asked, Denial, EntryMatch } from '../policy/verdict.ts';
import { callOf, deniedCallOf } from './decide.ts';
import { dial } from './dial.ts';

/** Somebody who asks for a connection, by whichever way. */
export interface Caller {
  readonly socket: Socket;
  readonly client: { readonly address: string; readonly port: number };
  readonly by: AuditEvent['by'];
  /** As the record and the audit log show it. */
  readonly asked: string;
  /** Headers of the CONNECT, for the record. */
  readonly rawHeaders: readonly string[];
  readonly times: Omit<TunnelTimes, 'upstream'>;
}

/** A connection to whom was asked for. */
interface Opened {
  readonly ok: true;
  readonly server: Socket;
  readonly place: Place;
  readonly times: TunnelTimes;
  readonly idleTimeout: number;
  /** Tells the balancer that it went well: what broke it off later may be either side. */
  ended(): void;
}

type Opening =
  | Opened
  /** Told and recorded already: `words` are for the client. */
  | { readonly ok: false; readonly denial?: Denial; readonly words: string };

/** Connections that nobody looks into: opened to a checked place, joined, counted, recorded. */
export class Tunnels {
  readonly #context: SourceContext;
  readonly #audit: Audit;
  readonly #idleTimeout: number;
  readonly #open = new Set<Tunnel>();

  constructor(parts: {
    readonly context: SourceContext;
    readonly audit: Audit;
    readonly idleTimeout: number;
  }) {
    this.#context = parts.context;
    this.#audit = parts.audit;
    this.#idleTimeout = parts.idleTimeout;
  }

  callerOf(
    socket: Socket,
    facts: Pick<Caller, 'by' | 'asked'> & Partial<Pick<Caller, 'rawHeaders' | 'client'>>,
  ): Caller {
    const { rawHeaders = [], client } = facts;
    const peer = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    const times = startOf(this.#context.clock);
    return { socket, by: facts.by, asked: facts.asked, rawHeaders, client: client ?? peer, times };
  }

  /** Finds out where it is and connects. `match` undefined: a network decides. */
  async open(
    caller: Caller,
    asked: Asked,
    { ruling, match }: { readonly ruling: Ruling; readonly match: EntryMatch | undefined },
  ): Promise<Opening> {
    const routing = await ruling.router.route(asked, match);
    if (routing.kind === 'denied') {
      this.deny(caller, routing.denial, match);
      return { ok: false, denial: routing.denial, words: routing.denial.words };
    }
    if (routing.kind === 'unresolved') {
      const error = { kind: 'unresolved', words: routing.words };
      this.#failed(caller, match, { error, reason: 'unresolved' });
      return { ok: false, words: routing.words };
    }
    const { share, policy } = routing;
    const place = share.candidate;
    const { clock } = this.#context;
    const began = clock.elapsed();
    const dialled = await dial(place, policy.connectTimeout);
    const ended = (error: ExchangeError | undefined, status: number | undefined): void => {
      share.ended({ status, error });
      this.#audit.called(match?.entry.name ?? '', place.endpoint, { status, error });
    };
    if (!dialled.ok) {
      ended(dialled.error, undefined);
      this.#failed(caller, match, { error: dialled.error, reason: 'connect', place });
      return { ok: false, words: dialled.error.words };
    }
    const times = { ...caller.times, upstream: clock.elapsed() - began };
    this.#tell(caller, match, { decision: 'allowed', place: shownPlace(place) });
    const idleTimeout = policy.idleTimeout ?? this.#idleTimeout;
    return {
      ...{ ok: true, server: dialled.socket, place, times, idleTimeout },
      ended: () => ended(undefined, 200),
    };
  }

  /** Lets both sides talk until they have done, and records it. `first`: what is known of the client's first bytes. */
  join(caller: Caller, opened: Opened, match: EntryMatch | undefined, first?: FirstBytes): void {
    const { socket } = caller;
    const { server, idleTimeout } = opened;
    const { clock } = this.#context;
    if (socket.destroyed || server.destroyed) {
      const who = socket.destroyed ? 'the client' : 'the server';
      socket.destroy();
      server.destroy();
      const error = { kind: 'reset', words: `${who} broke the connection before it was used` };
      this.#over(caller, match, { opened, outcome: { bytesIn: 0, bytesOut: 0, error }, first });
      return;
    }
    let seen = first;
    const tunnel = joinSockets(socket, server, {
      ...{ idleTimeout, clock },
      first:
        first === undefined && this.#context.isRecording
          ? (found) => {
              seen = found;
            }
          : undefined,
    });
    this.#open.add(tunnel);
    void tunnel.ended.then((outcome) => {
      this.#open.delete(tunnel);
      this.#over(caller, match, { opened, outcome, first: seen });
    });
  }

  /** It may not be: told, counted, recorded. The client is the caller's. */
  deny(caller: Caller, denial: Denial, match: EntryMatch | undefined, first?: FirstBytes): void {
    this.#tell(caller, match, { decision: 'denied', ...denial });
    const error = { kind: 'denied', words: denial.words };
    this.#ended(caller, { status: 403, error });
    const call = deniedCallOf(denial, match);
    this.#recordFailure(caller, { status: 403, reason: 'Forbidden', error, first, call });
  }

  /** Lets tunnels end until the signal aborts, then cuts them. */
  async close(signal: AbortSignal): Promise<void> {
    const cut = (): void => {
      for (const tunnel of [...this.#open])
        tunnel.cut({ kind: 'aborted', words: 'the proxy stopped' });
    };
    if (isAborted(signal)) cut();
    const forget = isAborted(signal) ? undefined : onAbort(signal, cut);
    await Promise.all([...this.#open].map(({ ended }) => ended));
    forget?.();
  }

  #failed(
    caller: Caller,
    match: EntryMatch | undefined,
    why: {
      readonly error: ExchangeError;
      readonly reason: 'unresolved' | 'connect';
      readonly place?: Place;
    },
  ): void {
    const { error, reason, place } = why;
    const shown = place === undefined ? {} : { place: shownPlace(place) };
    this.#tell(caller, match, { decision: 'failed', reason, words: error.words, ...shown });
    this.#ended(caller, { status: 502, error });
    const call = callOf(match);
    this.#recordFailure(caller, { status: 502, reason: 'Bad Gateway', error, call });
  }

  #tell(
    { client, by, asked }: Caller,
    match: EntryMatch | undefined,
    what: Pick<AuditEvent, 'decision' | 'reason' | 'words' | 'place'>,
  ): void {
    const shown = shownAsked({ host: client.address, port: client.port });
    const method = by === 'connect' ? { method: 'CONNECT' } : {};
    this.#audit.tell({ client: shown, by, asked, ...method, entry: match?.entry.name, ...what });
  }

  #ended(
    caller: Caller,
    end: {
      readonly status: number;
      readonly error: ExchangeError | undefined;
      readonly outcome?: TunnelOutcome;
      readonly times?: TunnelTimes;
    },
  ): void {
    const { status, error, outcome, times } = end;
    const { meter } = this.#audit;
    meter.ended({
      status,
      total: this.#context.clock.elapsed() - caller.times.started,
      upstream: times?.upstream,
      fromClient: outcome?.bytesIn ?? 0,
      toClient: outcome?.bytesOut ?? 0,
    });
    if (error !== undefined) meter.failed(error.kind);
  }

  /** A tunnel that was open has ended. */
  #over(
    caller: Caller,
    match: EntryMatch | undefined,
    end: {
      readonly opened: Opened;
      readonly outcome: TunnelOutcome;
      readonly first: FirstBytes | undefined;
    },
  ): void {
    const { opened, outcome, first } = end;
    opened.ended();
    this.#ended(caller, { status: 200, outcome, error: outcome.error, times: opened.times });
    if (!this.#context.isRecording) return;
    const { address, port } = opened.place;
    this.#context.record(
      tunnelExchange(
        this.#facts(caller, { server: { address, port }, call: callOf(match) }),
        opened.times,
        {
          ...{ elapsed: this.#context.clock.elapsed(), outcome, first },
          ...{ status: 200, reason: 'Connection Established' },
        },
      ),
    );
  }

  #recordFailure(
    caller: Caller,
    end: {
      readonly status: number;
      readonly reason: string;
      readonly error: ExchangeError;
      readonly first?: FirstBytes | undefined;
      readonly call: ReturnType<typeof callOf>;
    },
  ): void {
    if (!this.#context.isRecording) return;
    const { call, ...rest } = end;
    const elapsed = this.#context.clock.elapsed();
    this.#context.record(
      tunnelExchange(
        this.#facts(caller, { server: undefined, call }),
        { ...caller.times, upstream: 0 },
        { elapsed, ...rest },
      ),
    );
  }

  #facts(
    { client, asked, rawHeaders }: Caller,
    rest: {
      readonly server: Place | { address: string; port: number } | undefined;
      readonly call: ReturnType<typeof callOf>;
    },
  ) {
    return {
      source: 'egress',
      direction: 'out',
      client,
      target: asked,
      rawHeaders,
      ...rest,
    } as const;
  }
}

const shownPlace = ({ address, port }: Place): string =>
  port === 0 ? address : shownAsked({ host: address, port });
