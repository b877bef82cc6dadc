import { readCidrs } from './cidr.ts';

/**
 * Networks that are not of the Internet (IANA's special-purpose registries, RFC 6890 and its successors), and those that
 * carry an address of version 4 inside: what a proxy must not be talked into reaching unless somebody named it.
 */
export const privateNetworks = [
  '0.0.0.0/8', // This network; on many systems 0.0.0.0 is the machine itself.
  '10.0.0.0/8',
  '100.64.0.0/10', // Shared by carriers.
  '127.0.0.0/8',
  '169.254.0.0/16', // Link-local: where clouds answer with credentials.
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24', // Documentation, as the next ones.
  '192.168.0.0/16',
  '198.18.0.0/15', // Benchmarks.
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // Multicast.
  '240.0.0.0/4', // Reserved, and broadcast.
  '::/96', // Unspecified, loopback, and version 4 within version 6 as it was once written.
  '64:ff9b::/96', // NAT64: any address of version 4, private ones too.
  '64:ff9b:1::/48',
  '100::/64', // Discarded.
  '2001::/23', // Teredo, among others.
  '2001:db8::/32',
  '2002::/16', // 6to4: any address of version 4.
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
] as const;

const { list } = readCidrs(privateNetworks);

/** Whether an address is of a private or special network, and so not of the Internet. */
export const isPrivateAddress = (address: string): boolean => list.includes(address);

const each = privateNetworks.map((network) => ({
  list: readCidrs([network]).list,
  bits: Number(network.split('/')[1]),
}));

/**
 * Whether a network, or an address alone, is within one of them as a whole: `10.1.0.0/16` is, `0.0.0.0/0` is not, though it
 * has private addresses. Who writes down the former means them.
 */
export function isPrivateNetwork(cidr: string): boolean {
  const [address = '', bits] = cidr.split('/');
  return each.some(
    (network) =>
      network.list.includes(address) && (bits === undefined || Number(bits) >= network.bits),
  );
}
