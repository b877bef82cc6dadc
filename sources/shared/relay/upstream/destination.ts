import type { ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { type Clock, inTime, millis } from '#source';
import type { Decision, Upstream } from '../decision.ts';
import { headerOf } from '../headers.ts';
import type { RelayLimits } from '../limits.ts';
import { hostOf, outgoingHeaders } from '../outgoing-headers.ts';
import type { ClientSide, UpstreamEvents, UpstreamSide } from '../sides.ts';
import { connectTo, type TlsMemory } from './connect.ts';
import { NoConnection, shownUpstream } from './failure.ts';
import { Http1Upstream } from './http1.ts';
import { Http2Upstream } from './http2.ts';
import { protocolOf } from './http2-handshake.ts';
import { Http2Sessions } from './http2-session.ts';
import { LateUpstream } from './late.ts';
import { Pool } from './pool.ts';

type Forward = Extract<Decision, { kind: 'forward' }>;

interface Terms {
  readonly clock: Clock;
  readonly limits: RelayLimits;
  /** Called with +1 and -1. */
  readonly count: (change: number) => void;
  /** A request has to wait for a connection to this one. */
  readonly onWait: (upstream: Upstream) => void;
}

/**
 * One upstream: its connections of HTTP/1.1 or of HTTP/2. With `alpn` the first connection tells which of the two it
 * speaks, and each further one of HTTP/2 may tell otherwise. An upgrade is asked for in HTTP/1.1, but where nothing else than
 * HTTP/2 is spoken.
 */
export class Destination {
  readonly #upstream: Upstream;
  readonly #terms: Terms;
  readonly #pool: Pool;
  readonly #sessions: Http2Sessions;
  readonly #memory: TlsMemory = { session: undefined };
  #speaks: 'http1' | 'http2' | 'unknown';
  /** While the first connection is being made, everybody waits for it. */
  #opening: Promise<Socket> | undefined;

  constructor(upstream: Upstream, terms: Terms) {
    const { clock, limits, count, onWait } = terms;
    this.#upstream = upstream;
    this.#terms = terms;
    this.#pool = new Pool({
      clock,
      connect: () => this.#connect(['http/1.1']),
      maxConnections: limits.upstreamConnections,
      idle: limits.upstreamIdle,
      headBytes: limits.headerBytes,
      socketPath: upstream.socketPath,
      count,
      onWait: () => onWait(upstream),
    });
    this.#sessions = new Http2Sessions({
      idle: limits.upstreamIdle,
      headerBytes: limits.headerBytes,
      count,
    });
    this.#speaks = spoken(upstream);
  }

  /** Throws where the head cannot be written. */
  send(
    decision: Forward,
    client: ClientSide,
    events: UpstreamEvents,
    isFresh: boolean,
  ): UpstreamSide {
    const protocol = client.upgrade === undefined ? undefined : protocolOf(client.upgrade);
    if (protocol !== undefined && this.#upstream.http2 === 'prior-knowledge')
      return new LateUpstream(this.#arriveToSwitch(decision, client, events, protocol), events);
    if (this.#speaks === 'http1' || client.upgrade !== undefined)
      return this.#sendHttp1(decision, client, events, isFresh);
    const session = isFresh ? undefined : this.#sessions.usable();
    if (session !== undefined) return this.#sendHttp2(decision, client, events, session, true);
    return new LateUpstream(this.#arrive(decision, client, events), events);
  }

  close(): void {
    this.#pool.close();
    this.#sessions.close();
  }

  /** A connection, and then how to send over what it speaks. */
  async #arrive(
    decision: Forward,
    client: ClientSide,
    events: UpstreamEvents,
  ): Promise<() => UpstreamSide> {
    await this.#open();
    const session = this.#sessions.usable();
    return session === undefined
      ? () => this.#sendHttp1(decision, client, events, false)
      : () => this.#sendHttp2(decision, client, events, session, false);
  }

  /** Another protocol in a stream of HTTP/2, once the upstream has said that it knows how. */
  async #arriveToSwitch(
    decision: Forward,
    client: ClientSide,
    events: UpstreamEvents,
    protocol: string,
  ): Promise<() => UpstreamSide> {
    if (this.#sessions.usable() === undefined) await this.#open();
    const session = this.#sessions.usable();
    const { clock } = this.#terms;
    const time = millis(this.#upstream.connectTimeout);
    const canSwitch =
      session !== undefined &&
      (await inTime(this.#sessions.canSwitch(session), { clock, time }, () => false));
    if (session === undefined || !canSwitch)
      throw new NoConnection(
        'protocol',
        `the upstream ${shownUpstream(this.#upstream)} speaks HTTP/2, and no other protocol in it (extended CONNECT, RFC 8441)`,
      );
    return () => this.#sendHttp2(decision, client, events, session, false, protocol);
  }

  /** A connection that becomes a session of HTTP/2, or one for the pool. Those who come meanwhile wait for the same one. */
  async #open(): Promise<void> {
    const isFirst = this.#opening === undefined;
    this.#opening ??= this.#connect(
      this.#upstream.http2 === 'prior-knowledge' ? ['h2'] : ['h2', 'http/1.1'],
    );
    const opening = this.#opening;
    try {
      const socket = await opening;
      if (isFirst) this.#take(socket);
    } finally {
      if (this.#opening === opening) this.#opening = undefined;
    }
  }

  #take(socket: Socket): void {
    const { protocol, http2 } = this.#upstream;
    const isHttp2 =
      http2 === 'prior-knowledge' ||
      (protocol === 'https:' && 'alpnProtocol' in socket && socket.alpnProtocol === 'h2');
    this.#speaks = isHttp2 ? 'http2' : 'http1';
    if (isHttp2) this.#sessions.adopt(socket, protocol);
    else this.#pool.offer(socket);
  }

  #connect(alpn: readonly string[]): Promise<Socket> {
    const { clock } = this.#terms;
    return connectTo(this.#upstream, {
      ...{ clock, memory: this.#memory },
      alpn: this.#upstream.http2 === undefined || this.#upstream.http2 === 'never' ? [] : alpn,
    });
  }

  #sendHttp1(
    decision: Forward,
    client: ClientSide,
    events: UpstreamEvents,
    isFresh: boolean,
  ): UpstreamSide {
    return new Http1Upstream(
      {
        method: client.head.method,
        target: decision.target,
        headers: outgoingHeaders(decision, client),
        length: client.contentLength,
        isChunked: client.hasBody && client.contentLength === undefined,
        isUpgrade: client.upgrade !== undefined,
        isEager: client.expectsContinue,
      },
      this.#pool,
      isFresh,
      events,
    );
  }

  #sendHttp2(
    decision: Forward,
    client: ClientSide,
    events: UpstreamEvents,
    session: ClientHttp2Session,
    isReused: boolean,
    protocol?: string,
  ): UpstreamSide {
    const headers = outgoingHeaders(decision, client);
    return new Http2Upstream(
      {
        method: client.head.method,
        target: decision.target,
        scheme: this.#upstream.protocol === 'https:' ? 'https' : 'http',
        authority: headerOf(headers, 'host') ?? hostOf(this.#upstream),
        headers: withoutHost(headers),
        hasBody: client.hasBody,
        protocol,
      },
      session,
      isReused,
      events,
    );
  }
}

function spoken({ protocol, http2 }: Upstream): 'http1' | 'http2' | 'unknown' {
  if (http2 === 'prior-knowledge') return 'http2';
  return http2 === 'alpn' && protocol === 'https:' ? 'unknown' : 'http1';
}

/** It is `:authority` in HTTP/2. */
function withoutHost(headers: readonly string[]): string[] {
  const result: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2)
    if (headers[i]?.toLowerCase() !== 'host') result.push(headers[i] ?? '', headers[i + 1] ?? '');
  return result;
}
