import {
  Balancer,
  type BalancerEvents,
  type Candidate,
  type Ejection,
} from '../../shared/balance/balancer.ts';

interface Parts {
  readonly ejection: Ejection;
  readonly clock: { elapsed(): number; random(): number };
  readonly eventsOf: (api: string) => BalancerEvents;
}

/** The same balancer for the same upstreams of an API, over one reload to the next: it knows who has failed. */
export class Balancers {
  readonly #parts: Parts;
  readonly #known = new Map<string, Balancer>();
  readonly #before: ReadonlyMap<string, Balancer>;

  /** `before`: those of the load before this one, which are forgotten unless they are asked for again. */
  constructor(parts: Parts, before?: Balancers) {
    this.#parts = parts;
    this.#before = before === undefined ? new Map() : before.#known;
  }

  of(api: string, candidates: readonly Candidate[]): Balancer {
    const key = JSON.stringify([api, candidates]);
    const known = this.#known.get(key) ?? this.#before.get(key) ?? this.#make(api);
    this.#known.set(key, known);
    return known;
  }

  #make(api: string): Balancer {
    const { ejection, clock, eventsOf } = this.#parts;
    return new Balancer(
      { balance: 'ROUND_ROBIN', ejection },
      {
        elapsed: () => clock.elapsed(),
        random: () => clock.random(),
        events: eventsOf(api),
      },
    );
  }
}
