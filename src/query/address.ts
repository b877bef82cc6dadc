import { readAddress } from '../lib/ip.ts';
import type { AddressTest } from './tree.ts';

/** `10.0.0.0/8`, `2001:db8::/32`, or an address, which is a network of one; undefined where it is neither. */
export function addressTestOf(text: string): AddressTest | undefined {
  const [, address = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (address.includes('%')) return undefined;
  const bytes = Buffer.from(address);
  const octets = new Uint8Array(16);
  const size = readAddress(bytes, 0, bytes.length, octets);
  if (size === 0) return undefined;
  // A network written as ::ffff:10.0.0.0/104 counts its bits from the beginning of the sixteen bytes.
  const skipped = size === 4 && address.includes(':') ? 96 : 0;
  const prefix = length === undefined ? 8 * size : Number(length) - skipped;
  if (prefix < 0 || prefix > 8 * size) return undefined;
  const network = Array.from(octets.subarray(0, size), (octet, index) => {
    const bits = Math.min(8, Math.max(0, prefix - 8 * index));
    return octet & (0xff00 >> bits) & 0xff;
  });
  return { kind: 'address', field: 'ip_address', network, prefix };
}

/** As it was written, in a form that all of them have. */
export function addressText({ network, prefix }: Pick<AddressTest, 'network' | 'prefix'>): string {
  if (network.length === 4) return `${network.join('.')}/${prefix}`;
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((network[2 * index] ?? 0) << 8) | (network[2 * index + 1] ?? 0)).toString(16),
  );
  return `${groups.join(':')}/${prefix}`;
}
