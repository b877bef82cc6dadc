import type { Clock } from '#source';
import type { Decision, Upstream } from '../decision.ts';
import type { RelayLimits } from '../limits.ts';
import { outgoingHeaders } from '../outgoing-headers.ts';
import type { ClientSide, UpstreamEvents, UpstreamSide } from '../sides.ts';
import { connectTo, type TlsMemory } from './connect.ts';
import { Http1Upstream } from './http1.ts';
import { Pool } from './pool.ts';

interface Terms {
  readonly clock: Clock;
  readonly limits: RelayLimits;
  /** Called with +1 and -1. */
  readonly count: (change: number) => void;
}

/** The connections to all upstreams; each `Upstream` object has its own. */
export class Upstreams {
  readonly #terms: Terms;
  readonly #pools = new WeakMap<Upstream, Pool>();
  /** To close them; one that nobody decides for any more empties itself. */
  readonly #known = new Set<WeakRef<Pool>>();

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  /** Begins to send a request. Throws where its head cannot be written. */
  send(
    decision: Extract<Decision, { kind: 'forward' }>,
    client: ClientSide,
    events: UpstreamEvents,
    isFresh: boolean,
  ): UpstreamSide {
    return new Http1Upstream(
      {
        method: client.head.method,
        target: decision.target,
        headers: outgoingHeaders(decision, client),
        isUpgrade: client.upgrade !== undefined,
      },
      {
        pool: this.#poolOf(decision.upstream),
        isFresh,
        headerBytes: this.#terms.limits.headerBytes,
      },
      events,
    );
  }

  close(): void {
    for (const pool of this.#known) pool.deref()?.close();
  }

  #poolOf(upstream: Upstream): Pool {
    const known = this.#pools.get(upstream);
    if (known !== undefined) return known;
    const { clock, limits, count } = this.#terms;
    const memory: TlsMemory = { session: undefined };
    const pool = new Pool({
      clock,
      connect: () => connectTo(upstream, { clock, memory, alpn: [] }),
      maxConnections: limits.upstreamConnections,
      idle: limits.upstreamIdle,
      count,
    });
    this.#pools.set(upstream, pool);
    this.#known.add(new WeakRef(pool));
    return pool;
  }
}
