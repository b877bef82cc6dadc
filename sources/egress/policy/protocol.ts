import type { FirstBytes } from '../../shared/tunnel/first-bytes.ts';
import type { CallPolicy } from '../rules/model.ts';
import { hostOfServerName } from './authority.ts';
import type { Asked, Denial, EntryMatch } from './verdict.ts';

/** A request of HTTP that we can read, at a port of an entry. Undefined: it may be sent. */
export function requestDenial(
  { entry, port }: Pick<EntryMatch, 'entry' | 'port'>,
  scheme: 'http' | 'https',
  { tls }: Pick<CallPolicy, 'tls'>,
): Denial | undefined {
  const { number, protocol } = port;
  const at = `port ${number} of the entry ${entry.name}`;
  if (protocol === 'TCP') return denied('protocol', `${at} is for TCP; ask for it by CONNECT`);
  if (protocol === 'HTTPS' || protocol === 'TLS')
    return scheme === 'https'
      ? undefined
      : denied(
          'protocol',
          `at ${at} clients speak TLS themselves; ask for it by CONNECT, or where TLS should begin here give the entry an HTTP port with this targetPort, and tls`,
        );
  if (scheme === 'https' && tls === undefined)
    return denied('protocol', `the request is for https, and ${at} would be sent it without TLS`);
  return undefined;
}

/** Who is passed through: its TLS must be for whom it has asked for, or a host that is allowed would be the door to another one. */
export function passThroughDenial(asked: Asked, first: FirstBytes): Denial | undefined {
  if (first.kind === 'broken-tls') return denied('protocol', `this is no TLS: ${first.words}`);
  if (first.kind === 'nothing') return undefined;
  if (first.kind !== 'tls')
    return denied('protocol', `${asked.host} is for TLS at port ${asked.port}, and this is none`);
  const { serverName } = first.hello;
  // Of an address nobody has a name to ask for.
  if (serverName === undefined)
    return asked.isAddress
      ? undefined
      : denied('no_sni', `its TLS asks for no name; it must ask for ${asked.host}`);
  if (!asked.isAddress && hostOfServerName(serverName) === asked.host) return undefined;
  return denied('sni_mismatch', `its TLS asks for another name than ${asked.host}`);
}

const denied = (reason: Denial['reason'], words: string): Denial => ({ reason, words });
