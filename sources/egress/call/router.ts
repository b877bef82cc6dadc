import { isIP } from 'node:net';
import type { Clock } from '#source';
import { Balancer, type Candidate, type Share } from '../../shared/balance/balancer.ts';
import { type SrvResolver, shareOf } from '../../shared/dns/srv-resolver.ts';
import {
  type Asked,
  addressDenial,
  type Denial,
  type EntryMatch,
  type Judge,
} from '../policy/verdict.ts';
import { defaultPolicy } from '../read/traffic-policy.ts';
import { shownPattern } from '../rules/host-pattern.ts';
import type { CallPolicy, Entry, EntryEndpoint, EntryHost } from '../rules/model.ts';
import type { Resolver } from './resolver.ts';

/** Somewhere that was checked: it is connected to exactly this. */
export interface Place extends Candidate {
  /** An IP address, or the path of a Unix socket. */
  readonly address: string;
  /** 0: a Unix socket. */
  readonly port: number;
  /** As the rules name it, for metrics: an endpoint, or the host of the entry. */
  readonly endpoint: string;
}

export type Routing =
  | {
      readonly kind: 'place';
      readonly share: Share<Place>;
      readonly policy: CallPolicy;
    }
  | { readonly kind: 'denied'; readonly denial: Denial }
  /** Nobody knows an address. */
  | { readonly kind: 'unresolved'; readonly words: string };

/** Finds out where somebody is who may be called, and checks it. Made once for a set of rules. */
export interface Router {
  route(asked: Asked, match: EntryMatch | undefined): Promise<Routing>;
}

export interface RouterParts {
  readonly judge: Pick<Judge, 'networkDenial'>;
  readonly resolver: Resolver;
  readonly services: Services;
  readonly clock: Clock;
  readonly onEjected: (entry: Entry | undefined, endpoint: string, time: number) => void;
}

/** Who knows SRV records, and the addresses of whom they name. */
export interface Services {
  readonly srv: SrvResolver;
  readonly targets: Resolver;
}

/** What came of looking for somebody: places that may be called, or why there are none. */
interface Found {
  readonly places: readonly Place[];
  readonly denial: Denial | undefined;
  readonly words: string | undefined;
}

export function createRouter(parts: RouterParts): Router {
  const { judge, resolver, services } = parts;
  const balancers = new Balancers(parts);

  const placesOf = async (
    endpoint: Pick<EntryEndpoint, 'kind' | 'address' | 'weight'>,
    to: {
      readonly port: number;
      readonly shown: string;
      readonly denialOf: (address: string) => Denial | undefined;
      readonly isFirstOnly?: boolean;
      /** Left out: the one of all names. */
      readonly resolver?: Resolver;
    },
  ): Promise<Found> => {
    const { kind, address, weight } = endpoint;
    if (kind === 'path') {
      const place: Place = { key: address, weight, address, port: 0, endpoint: to.shown };
      return { places: [place], denial: undefined, words: undefined };
    }
    const answer =
      kind === 'address'
        ? ({ ok: true, addresses: [address] } as const)
        : await (to.resolver ?? resolver).resolve(address);
    if (!answer.ok) return { places: [], denial: undefined, words: answer.words };
    // Of an answer with several addresses those that are denied are as if they were not in it.
    const denials = answer.addresses.map(to.denialOf);
    const allowed = answer.addresses.filter((_, i) => denials[i] === undefined);
    const places = (to.isFirstOnly === true ? allowed.slice(0, 1) : allowed).map(
      (each): Place => ({
        ...{ key: `${each} ${to.port}`, weight, address: each },
        ...{ port: to.port, endpoint: to.shown },
      }),
    );
    return { places, denial: denials.find((each) => each !== undefined), words: undefined };
  };

  /** Whom SRV records name is looked at as every other: a record does not make an address one that may be called. */
  const servicePlacesOf = async (
    { address: name, weight }: EntryEndpoint,
    to: { readonly shown: string; readonly denialOf: (address: string) => Denial | undefined },
  ): Promise<Found> => {
    const { records, trouble } = await services.srv.resolve(name);
    const found = await Promise.all(
      records.map(async (record) => {
        const kind = isIP(record.target) === 0 ? 'name' : 'address';
        const { places, ...rest } = await placesOf(
          { kind, address: record.target, weight: weight * shareOf(record, records) },
          { ...to, port: record.port, resolver: services.targets },
        );
        const { priority } = record;
        return { ...rest, places: places.map((place) => ({ ...place, priority })) };
      }),
    );
    const nobody = `the SRV records of ${name} name nobody${trouble === undefined ? '' : `: ${trouble}`}`;
    return {
      places: found.flatMap(({ places }) => places),
      denial: found.find(({ denial }) => denial !== undefined)?.denial,
      words: records.length === 0 ? nobody : found.find(({ words }) => words !== undefined)?.words,
    };
  };

  const denials = new Map<Entry, (address: string) => Denial | undefined>();
  const networkDenial = remembered((address) => judge.networkDenial(address));
  const denialIn = (entry: Entry): ((address: string) => Denial | undefined) => {
    const known = denials.get(entry) ?? remembered((address) => addressDenial(entry, address));
    denials.set(entry, known);
    return known;
  };

  const byEntry = async (asked: Asked, { entry, port, host }: EntryMatch): Promise<Found> => {
    const denialOf = denialIn(entry);
    const isFirstOnly = entry.resolution === 'DNS_ROUND_ROBIN';
    if (entry.resolution === 'NONE' || entry.endpoints.length === 0) {
      const isNamed = asked.isAddress && entry.resolution !== 'NONE';
      const address = isNamed ? host.pattern.name : asked.host;
      const kind = asked.isAddress && !isNamed ? 'address' : 'name';
      const shown = shownPattern(host.pattern);
      return placesOf(
        { kind, address, weight: 1 },
        { port: port.targetPort, shown, denialOf, isFirstOnly },
      );
    }
    const found = await Promise.all(
      entry.endpoints.map((endpoint) =>
        endpoint.kind === 'srv'
          ? servicePlacesOf(endpoint, { shown: endpoint.address, denialOf })
          : placesOf(endpoint, {
              ...{ port: endpoint.ports.get(port.name) ?? port.targetPort },
              ...{ shown: endpoint.address, denialOf, isFirstOnly },
            }),
      ),
    );
    return {
      places: found.flatMap(({ places }) => places),
      denial: found.find(({ denial }) => denial !== undefined)?.denial,
      words: found.find(({ words }) => words !== undefined)?.words,
    };
  };

  return {
    async route(asked, match) {
      const found =
        match === undefined
          ? await placesOf(
              { kind: asked.isAddress ? 'address' : 'name', address: asked.host, weight: 1 },
              { port: asked.port, shown: '', denialOf: networkDenial },
            )
          : await byEntry(asked, match);
      const share = balancers.of(match).choose(found.places);
      if (share !== undefined) return { kind: 'place', share, policy: policyOf(match) };
      if (found.denial !== undefined) return { kind: 'denied', denial: found.denial };
      return { kind: 'unresolved', words: found.words ?? `${asked.host} has no address` };
    },
  };
}

/** Addresses whose denial is remembered, at most: looking through lists of networks takes longer than all else that is decided. */
const mostAddresses = 10_000;

/** The rules do not change, so neither does what they say of an address. */
function remembered(
  denialOf: (address: string) => Denial | undefined,
): (address: string) => Denial | undefined {
  const known = new Map<string, Denial | undefined>();
  return (address) => {
    if (known.has(address)) return known.get(address);
    if (known.size >= mostAddresses) known.clear();
    const denial = denialOf(address);
    known.set(address, denial);
    return denial;
  };
}

const policyOf = (match: EntryMatch | undefined): CallPolicy =>
  match === undefined ? defaultPolicy : match.host.policyOf(match.port.number);

/** One for each host of an entry at each of its ports, and one for all that no entry has. */
class Balancers {
  readonly #parts: RouterParts;
  readonly #others: Balancer;
  readonly #known = new Map<EntryHost, Map<number, Balancer>>();

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#others = this.#balancer(undefined);
  }

  of(match: EntryMatch | undefined): Balancer {
    if (match === undefined) return this.#others;
    const ofPorts = this.#known.get(match.host) ?? new Map<number, Balancer>();
    this.#known.set(match.host, ofPorts);
    const { number } = match.port;
    const balancer = ofPorts.get(number) ?? this.#balancer(match);
    ofPorts.set(number, balancer);
    return balancer;
  }

  #balancer(match: EntryMatch | undefined): Balancer {
    const { clock, onEjected } = this.#parts;
    return new Balancer(policyOf(match), {
      elapsed: () => clock.elapsed(),
      random: () => clock.random(),
      events: { onEjected: (key, time) => onEjected(match?.entry, key, time) },
    });
  }
}
