import type { RequestHead } from '../../shared/relay/decision.ts';

/**
 * `headers` with the upstream's name as `Host`, and with the client as the last of `X-Forwarded-For`, unless the definition takes
 * that header away.
 */
export function upstreamHeaders(
  headers: readonly string[],
  head: RequestHead,
  host: string,
  isForwarded: boolean,
): readonly string[] {
  const result = ['Host', host];
  let hops = '';
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') continue;
    if (name.length === 15 && name.toLowerCase() === 'x-forwarded-for') hops = joined(hops, value);
    else result.push(name, value);
  }
  hops = joined(hops, head.client.address);
  if (isForwarded && hops !== '') result.push('X-Forwarded-For', hops);
  return result;
}

const joined = (hops: string, next: string): string =>
  hops === '' || next.trim() === '' ? hops + next.trim() : `${hops}, ${next.trim()}`;
