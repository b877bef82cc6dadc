import { shownHostPort } from '#source';
import { isPrivateLiteral, type Target } from './access/targets.ts';
import { challenge } from './access/users.ts';
import type { Rejection } from './metrics/meter.ts';
import type { Settings } from './settings.ts';

/** Why a request is turned away: what it is counted as, and what its client is told. */
export interface Refusal {
  readonly type: Rejection;
  readonly status: number;
  readonly words: string;
  readonly headers: readonly string[];
}

export const refusal = (
  type: Rejection,
  status: number,
  words: string,
  headers: readonly string[] = [],
): Refusal => ({ type, status, words, headers });

/** Whether this client may use the proxy at all. DataKit's words, which its users may look for. */
export function refuseClient(
  { clients, isUser }: Settings,
  {
    address,
    authorization,
  }: { readonly address: string; readonly authorization: string | undefined },
): Refusal | undefined {
  if (clients !== undefined && !clients.includes(address))
    return refusal('ip', 403, 'IP access denied');
  if (isUser !== undefined && !isUser(authorization))
    return refusal('user', 407, 'The proxy wants a user and a password.', challenge);
  return undefined;
}

/** Whether anybody may have this target. */
export function refuseTarget(
  { connectPorts, allowsPrivate }: Settings,
  target: Target,
  method: string,
): Refusal | undefined {
  if (method === 'CONNECT' && connectPorts !== undefined && !connectPorts.has(target.port))
    return refusal(
      'port',
      403,
      `CONNECT is allowed to other ports: ${[...connectPorts].join(', ')}.`,
    );
  if (!allowsPrivate && isPrivateLiteral(target))
    return refusal(
      'private',
      403,
      `${shownHostPort(target)} is not of the Internet: private_targets of the proxy allows it.`,
    );
  return undefined;
}
