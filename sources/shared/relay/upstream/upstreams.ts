import type { Clock } from '#source';
import type { Decision, Upstream } from '../decision.ts';
import type { RelayLimits } from '../limits.ts';
import type { ClientSide, UpstreamEvents, UpstreamSide } from '../sides.ts';
import { Destination } from './destination.ts';

interface Terms {
  readonly clock: Clock;
  readonly limits: RelayLimits;
  /** Called with +1 and -1. */
  readonly count: (change: number) => void;
  /** A request has to wait for a connection to this one. */
  readonly onWait: (upstream: Upstream) => void;
}

/** The connections to all upstreams; each `Upstream` object has its own. */
export class Upstreams {
  readonly #terms: Terms;
  readonly #destinations = new WeakMap<Upstream, Destination>();
  /** To close them; what is idle in one that nobody decides for any more closes itself. */
  readonly #known = new Set<WeakRef<Destination>>();

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
    return this.#destinationOf(decision.upstream).send(decision, client, events, isFresh);
  }

  close(): void {
    for (const destination of this.#known) destination.deref()?.close();
  }

  #destinationOf(upstream: Upstream): Destination {
    const known = this.#destinations.get(upstream);
    if (known !== undefined) return known;
    const destination = new Destination(upstream, this.#terms);
    this.#destinations.set(upstream, destination);
    for (const old of this.#known) if (old.deref() === undefined) this.#known.delete(old);
    this.#known.add(new WeakRef(destination));
    return destination;
  }
}
