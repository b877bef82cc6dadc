import { BlockList, isIP } from 'node:net';

/** Addresses by network, of both families. */
export interface CidrList {
  /** Whether one of the networks has this address. What is no address is in none. */
  includes(address: string): boolean;
}

/** An entry that is no network, and why. */
export interface CidrProblem {
  readonly entry: string;
  readonly words: string;
}

/**
 * Reads `10.0.0.0/8`, `fd00::/8`, or an address alone, which is the network of itself. An address of version 4 written in
 * one of version 6 (`::ffff:10.0.0.1`, as a socket of both families shows it) is the former. All problems at once.
 */
export function readCidrs(entries: readonly string[]): {
  readonly list: CidrList;
  readonly problems: readonly CidrProblem[];
} {
  const networks = new BlockList();
  const problems: CidrProblem[] = [];
  for (const entry of entries) {
    const words = add(networks, entry);
    if (words !== undefined) problems.push({ entry, words });
  }
  return { list: { includes: (address) => includes(networks, address) }, problems };
}

/** Gives what is wrong with the entry. */
function add(networks: BlockList, entry: string): string | undefined {
  const [, address = '', bits] = /^([^/]*)(?:\/(.*))?$/s.exec(entry.trim()) ?? [];
  const family = isIP(address);
  if (family === 0 || address.includes('%'))
    return 'expected a network such as 10.0.0.0/8 or fd00::/8';
  const longest = family === 4 ? 32 : 128;
  if (bits === undefined) {
    networks.addAddress(address, familyName(family));
    return undefined;
  }
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (!(prefix <= longest))
    return `expected a number of bits from 0 to ${longest} behind the slash`;
  networks.addSubnet(address, prefix, familyName(family));
  return undefined;
}

function includes(networks: BlockList, address: string): boolean {
  const bare = withoutZone(address);
  const family = isIP(bare);
  return family !== 0 && networks.check(bare, familyName(family));
}

const withoutZone = (address: string): string => address.replace(/%.*$/, '');

const familyName = (family: number): 'ipv4' | 'ipv6' => (family === 4 ? 'ipv4' : 'ipv6');
