import { isPrivateAddress } from '../../shared/lists/private.ts';
import { type HostPattern, hasHost, specificity } from '../rules/host-pattern.ts';
import type { EgressNetwork, Entry, EntryHost, EntryPort, Network, Rules } from '../rules/model.ts';

/** Why something may not leave: one of few words, for metrics, the audit log and whoever is refused. */
export type DenialReason =
  /** No entry has the host, and no network allows its address. */
  | 'host'
  /** An entry has the host, at other ports. */
  | 'port'
  /** The entry's port speaks something else. */
  | 'protocol'
  /** An EgressNetwork with `Deny` has the address. */
  | 'network'
  /** The address is of a private network that nobody has named. */
  | 'private'
  /** Whom the client asks for can be read in two ways, or in none. */
  | 'malformed'
  /** The client names two hosts: in its target, its Host header, its CONNECT. */
  | 'host_mismatch'
  /** The name that its TLS asks for is another one. */
  | 'sni_mismatch'
  /** Its TLS asks for no name. */
  | 'no_sni';

export interface Denial {
  readonly reason: DenialReason;
  /** A sentence for whoever is refused. */
  readonly words: string;
}

/** Whom a client asks for, as `readAuthority` spells hosts. */
export interface Asked {
  readonly host: string;
  readonly isAddress: boolean;
  readonly port: number;
}

/** What an entry says of somebody. */
export interface EntryMatch {
  readonly kind: 'entry';
  readonly entry: Entry;
  readonly port: EntryPort;
  /** The host of the entry that has it; the first one where an address was asked for. */
  readonly host: EntryHost;
}

/**
 * - `entry`: it says how. - `network`: no entry has it; its address decides, by `networkDenial`. - `denied`.
 */
export type Verdict =
  | EntryMatch
  | { readonly kind: 'network' }
  | { readonly kind: 'denied'; readonly denial: Denial };

/** Looks up whom a client asks for. Made once for a set of rules. */
export interface Judge {
  verdictOf(asked: Asked): Verdict;
  /** Undefined: the address may be called, though no entry has the host. */
  networkDenial(address: string): Denial | undefined;
  /** Entries' hosts at a port where TCP is spoken. */
  tcpHostsAt(port: number): readonly EntryMatch[];
}

export function createJudge(rules: Rules): Judge {
  const found = hostsByName(rules);
  const mayAllow = rules.networks.some(({ isAllowed }) => isAllowed);
  const networks = rules.networks.flatMap((of) => of.networks.map((network) => ({ of, network })));
  // The longest first, and of equal ones those that deny.
  networks.sort(
    (one, other) =>
      other.network.bits - one.network.bits ||
      Number(one.of.isAllowed) - Number(other.of.isAllowed),
  );
  return {
    verdictOf(asked) {
      const hosts = asked.isAddress ? byAddress(rules, asked.host) : found(asked.host);
      for (const { entry, host } of hosts) {
        const port = entry.ports.find(({ number }) => number === asked.port);
        if (port !== undefined) return { kind: 'entry', entry, host, port };
      }
      // Who has written down a host has written down its ports.
      if (hosts.length > 0) return denied('port', portWords(asked, hosts));
      // Nobody is looked up who cannot be allowed: a name may itself carry out what must stay inside.
      if (mayAllow) return { kind: 'network' };
      return denied('host', `no entry has ${asked.host}`);
    },
    networkDenial: (address) => networkDenial(networks, address),
    tcpHostsAt: (number) =>
      rules.entries.flatMap((entry) => {
        const port = entry.ports.find((each) => each.number === number && each.protocol === 'TCP');
        if (port === undefined) return [];
        return entry.hosts.map((host): EntryMatch => ({ kind: 'entry', entry, host, port }));
      }),
  };
}

interface Candidate {
  readonly entry: Entry;
  readonly host: EntryHost;
}

/** Entries by the names of their hosts: those that have a host, the most specific first, in the order of the files. */
function hostsByName(rules: Rules): (host: string) => readonly Candidate[] {
  const byName = new Map<string, Candidate[]>();
  for (const entry of rules.entries)
    for (const host of entry.hosts) {
      const known = byName.get(host.pattern.name) ?? [];
      known.push({ entry, host });
      byName.set(host.pattern.name, known);
    }
  const isMoreSpecific = (one: HostPattern, other: HostPattern): number =>
    specificity(other) - specificity(one);
  return (asked) => {
    const candidates: Candidate[] = [];
    for (let at = 0; at >= 0; at = asked.indexOf('.', at + 1)) {
      const known = byName.get(at === 0 ? asked : asked.slice(at + 1)) ?? [];
      candidates.push(...known.filter(({ host }) => hasHost(host.pattern, asked)));
    }
    return candidates.sort((one, other) => isMoreSpecific(one.host.pattern, other.host.pattern));
  };
}

const byAddress = (rules: Rules, address: string): readonly Candidate[] =>
  rules.entries.flatMap((entry) => {
    const [host] = entry.hosts;
    return host !== undefined && entry.addresses.includes(address) ? [{ entry, host }] : [];
  });

function portWords({ host, port }: Asked, candidates: readonly Candidate[]): string {
  const names = [...new Set(candidates.map(({ entry }) => entry.name))].join(', ');
  const ports = new Set(candidates.flatMap(({ entry }) => entry.ports.map(({ number }) => number)));
  const allowed = [...ports].sort((one, other) => one - other).join(', ');
  return `the entry ${names} has ${host} at ${allowed}, not at ${port}`;
}

function networkDenial(
  networks: readonly { readonly of: EgressNetwork; readonly network: Network }[],
  address: string,
): Denial | undefined {
  const found = networks.find(
    ({ network }) => network.list.includes(address) && !network.except.includes(address),
  );
  if (found === undefined)
    return { reason: 'host', words: `no entry and no network has ${address}` };
  const { of, network } = found;
  if (!of.isAllowed)
    return {
      reason: 'network',
      words: `the network ${of.name} (${network.cidr}) denies ${address}`,
    };
  return isPrivateAddress(address) && !network.isPrivate ? privateDenial(address) : undefined;
}

/** Undefined: the entry may be called at this address. */
export const addressDenial = (entry: Entry, address: string): Denial | undefined =>
  isPrivateAddress(address) && !entry.named.includes(address) ? privateDenial(address) : undefined;

const privateDenial = (address: string): Denial => ({
  reason: 'private',
  words: `${address} is of a private network, and none of the addresses and endpoints written down has it`,
});

const denied = (reason: DenialReason, words: string): Verdict => ({
  kind: 'denied',
  denial: { reason, words },
});
