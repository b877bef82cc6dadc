import { ADDRCONFIG } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { canonicalHost } from '../../shared/lists/hosts.ts';
import { isPrivateAddress } from '../../shared/lists/private.ts';
import { NoConnection } from '../../shared/relay/upstream/failure.ts';

/** A place that a client asks for, in canonical form. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port` of a CONNECT; undefined: it is none. */
export function readTarget(text: string): Target | undefined {
  const [, host = '', digits = ''] = /^(\[[^\]]*\]|[^:[\]]*):(\d{1,5})$/.exec(text) ?? [];
  const name = canonicalHost(host);
  const port = Number(digits);
  return name === undefined || port < 1 || port > 65_535 ? undefined : { host: name, port };
}

/** Whether clients may reach it, by its address alone; a name is looked at when it has been resolved. */
export const isPrivateLiteral = ({ host }: Target): boolean =>
  isIP(host) !== 0 && isPrivateAddress(host);

/**
 * Resolves a name once, to an address that is of the Internet: what was looked at is what is connected to, so that a name
 * cannot change in between. Rejects where it has none.
 */
export async function publicAddressOf(host: string): Promise<string> {
  const found = await addressesOf(host);
  const address = found.find((one) => !isPrivateAddress(one));
  if (address === undefined)
    throw new NoConnection(
      'denied',
      `${host} is at ${found.join(', ')}, which is private: private_targets allows it`,
    );
  return address;
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    const found = await lookup(host, { all: true, hints: ADDRCONFIG });
    // Version 4 first: an address of version 6 is no good where the route to it is missing, and only one is tried.
    return found.sort((one, other) => one.family - other.family).map(({ address }) => address);
  } catch (error) {
    throw new NoConnection('unresolved', `the name ${host} cannot be resolved`, error);
  }
}
