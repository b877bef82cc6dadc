import type { RequestHead } from '../../shared/relay/decision.ts';
import { forwardedFor } from './client-address.ts';

/** `headers` with the upstream's name as `Host`, and with the client as the last of `X-Forwarded-For`. */
export function upstreamHeaders(
  headers: readonly string[],
  {
    head,
    host,
    isForwarded,
  }: {
    readonly head: RequestHead;
    readonly host: string;
    /** False: the definition takes `X-Forwarded-For` away. */
    readonly isForwarded: boolean;
  },
): readonly string[] {
  const result = ['Host', host];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (isOurs(name)) continue;
    result.push(name, headers[at + 1] ?? '');
  }
  if (isForwarded) {
    const { address } = head.client;
    const hops = forwardedFor(head).filter((hop) => hop !== '');
    if (address !== '') hops.push(address);
    if (hops.length > 0) result.push('X-Forwarded-For', hops.join(', '));
  }
  return result;
}

function isOurs(name: string): boolean {
  if (name.length === 4) return name.toLowerCase() === 'host';
  return name.length === 15 && name.toLowerCase() === 'x-forwarded-for';
}
