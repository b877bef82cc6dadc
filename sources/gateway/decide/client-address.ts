import { isIP } from 'node:net';
import type { RequestHead } from '../../shared/relay/decision.ts';

/** Which addresses before us are believed. */
export interface AddressTrust {
  /** False: none; the client is whoever has the connection. */
  readonly believesHeaders: boolean;
  /**
   * 0: `X-Real-IP`, else the first of `X-Forwarded-For`, as a gateway without further settings does: whatever the client
   * wrote there. n: the nth from the end, which n − 1 proxies of ours before us have vouched for.
   */
  readonly depth: number;
}

/** The address of the client, as far as those before us are believed. What is no address is never taken for one. */
export function clientAddress(head: RequestHead, { believesHeaders, depth }: AddressTrust): string {
  if (!believesHeaders) return head.client.address;
  const real = depth === 0 ? address(head.header('x-real-ip')) : undefined;
  if (real !== undefined) return real;
  if (head.header('x-forwarded-for') === undefined) return head.client.address;
  const hops = forwardedFor(head);
  const hop = depth === 0 ? hops[0] : hops.at(-depth);
  return address(hop) ?? head.client.address;
}

const address = (text: string | undefined): string | undefined =>
  text !== undefined && isIP(text.trim()) !== 0 ? text.trim() : undefined;

/** All values of the header, first hop first. */
function forwardedFor({ rawHeaders }: RequestHead): readonly string[] {
  const hops: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === 15 && rawHeaders[at]?.toLowerCase() === 'x-forwarded-for')
      hops.push(...(rawHeaders[at + 1] ?? '').split(',').map((hop) => hop.trim()));
  return hops;
}
