import { isIPv4, isIPv6 } from 'node:net';

/** Headers in which proxies say whose request it was. */
export const addressHeaders: ReadonlySet<string> = new Set([
  ...['x-forwarded-for', 'x-real-ip', 'forwarded', 'x-forwarded', 'forwarded-for', 'x-client-ip'],
  ...['client-ip', 'true-client-ip', 'cf-connecting-ip', 'cf-connecting-ipv6', 'fastly-client-ip'],
  ...['x-cluster-client-ip', 'x-original-forwarded-for', 'x-envoy-external-address', 'x-remote-ip'],
  ...['x-remote-addr', 'remote-addr', 'x-forwarded-client-ip', 'x-azure-clientip', 'fly-client-ip'],
  ...['x-appengine-user-ip', 'x-azure-socketip', 'x-originating-ip', 'x-host-ip'],
]);

/** /24 of IPv4, /48 of IPv6; undefined where it is no address. */
export function truncated(address: string): string | undefined {
  if (isIPv4(address)) return address.replace(/\d+$/, '0');
  if (!isIPv6(address)) return undefined;
  const plain = address.replace(/%.*$/, '').toLowerCase();
  const tail = /^(.*:)(\d+\.\d+\.\d+\.)\d+$/.exec(plain);
  if (tail !== null) {
    const [, head = '', network = ''] = tail;
    const groups = groupsOf(`${head}0:0`);
    // ::ffff:192.0.2.1 is 192.0.2.1; any other stands for the network before it.
    const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
    if (isMapped) return `${head}${network}0`;
    return prefixOf(groups);
  }
  const groups = groupsOf(plain);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return `::ffff:${hex(groups[6])}:${hex((groups[7] ?? 0) & 0xff00)}`;
  return prefixOf(groups);
}

const hex = (group: number | undefined): string => (group ?? 0).toString(16);

function prefixOf(groups: readonly number[]): string {
  const kept = groups.slice(0, 3);
  while (kept.at(-1) === 0) kept.pop();
  return `${kept.map(hex).join(':')}::`;
}

function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = address.split('::');
  const parse = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const first = parse(head);
  if (tail === undefined) return first;
  const last = parse(tail);
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

/** Addresses in the value of such a header, with or without ports and brackets. */
export function addressesIn(
  value: string,
  found: (from: number, to: number, address: string) => void,
): void {
  for (const match of value.matchAll(/[0-9A-Za-z.:%_-]+/g)) {
    const [word] = match;
    const at = match.index;
    if (isIPv4(word) || isIPv6(word)) found(at, at + word.length, word);
    else {
      const [, host = ''] = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(word) ?? [];
      if (isIPv4(host)) found(at, at + host.length, host);
    }
  }
}
