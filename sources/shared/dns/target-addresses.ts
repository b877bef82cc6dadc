import type { DnsClient } from './dns-client.ts';

/** More targets than records name at a time. */
const most = 1_000;

/**
 * Addresses of the targets of SRV records, from who knows the records. As with these, those from before go on where the DNS fails.
 * Rejects where there are none.
 */
export function targetAddresses(
  client: Pick<DnsClient, 'addresses'>,
): (target: string) => Promise<readonly string[]> {
  const known = new Map<string, readonly string[]>();
  return async (target) => {
    try {
      const found = await client.addresses(target);
      known.delete(target);
      known.set(target, found);
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
      return found;
    } catch (error) {
      const before = known.get(target);
      if (before === undefined) throw error;
      return before;
    }
  };
}
