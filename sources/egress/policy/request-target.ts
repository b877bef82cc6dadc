import type { ConnectionFacts } from '../../shared/relay/connection-facts.ts';
import { type Authority, readAuthority } from './authority.ts';
import type { Asked, Denial } from './verdict.ts';

/** Of a request's head what says whom it is for. */
export interface RequestNames {
  /** As the client wrote it. */
  readonly target: string;
  /** Of the Host header or `:authority`; empty where there is none. */
  readonly host: string;
  readonly rawHeaders: readonly string[];
  readonly connection: Pick<ConnectionFacts, 'authority'>;
}

export interface RequestTarget extends Asked {
  /** `https` where the client wrote it. */
  readonly scheme: 'http' | 'https';
  /** `/path?query`, or `*`. */
  readonly path: string;
}

export type TargetReading =
  | { readonly ok: true; readonly target: RequestTarget }
  | { readonly ok: false; readonly denial: Denial };

/**
 * Whom a request is for. A client may say it at three places: an absolute target, the Host header, a CONNECT before. All that
 * are there must say the same, or two readers behind each other could each believe another one. `usual`: the port where the
 * client writes none and no scheme that has one.
 */
export function readRequestTarget(names: RequestNames, usual: number): TargetReading {
  const [, scheme, written, path = ''] = /^(https?):\/\/([^/?#]*)(.*)$/is.exec(names.target) ?? [];
  const isAbsolute = scheme !== undefined;
  if (!isAbsolute && !/^(?:\/|\*$)/.test(names.target))
    return denied('malformed', 'the target of the request is no path and no http URL');
  if (names.target.includes('#'))
    return denied('malformed', 'the target of the request has a fragment');
  const headers = hostsIn(names);
  if (headers.length > 1) return denied('malformed', 'the request has several Host headers');
  const [header] = headers;
  const text = written ?? header;
  if (text === undefined) return denied('malformed', 'the request names no host');
  const found = readAuthority(text);
  if (!found.ok) return denied('malformed', found.words);
  const isTls = scheme?.toLowerCase() === 'https';
  const implied = isAbsolute ? (isTls ? 443 : 80) : (names.connection.authority?.port ?? usual);
  const asked = askedOf(found.authority, implied);
  const mismatch = mismatchOf(asked, { header: isAbsolute ? header : undefined, implied, names });
  if (mismatch !== undefined) return { ok: false, denial: mismatch };
  const isRooted = !isAbsolute || path.startsWith('/');
  return {
    ok: true,
    target: {
      ...asked,
      scheme: isTls ? 'https' : 'http',
      path: isRooted ? (isAbsolute ? path : names.target) : `/${path}`,
    },
  };
}

/** Whom a CONNECT is for: it must say a port, and its Host header, where there is one, the same. */
export function readConnectTarget(
  names: Pick<RequestNames, 'target' | 'rawHeaders'>,
): { readonly ok: true; readonly asked: Asked } | { readonly ok: false; readonly denial: Denial } {
  const found = readAuthority(names.target);
  if (!found.ok) return denied('malformed', found.words);
  const { port } = found.authority;
  if (port === undefined) return denied('malformed', 'the CONNECT names no port');
  const headers = hostsIn({ ...names, host: '' });
  if (headers.length > 1) return denied('malformed', 'the request has several Host headers');
  const asked = askedOf(found.authority, port);
  const denial = headers[0] === undefined ? undefined : headerMismatch(asked, headers[0], port);
  return denial === undefined ? { ok: true, asked } : { ok: false, denial };
}

/** All that the client's headers say; that of HTTP/2 is in `host` alone. */
function hostsIn({
  host,
  rawHeaders,
}: Pick<RequestNames, 'host' | 'rawHeaders'>): readonly string[] {
  const values = rawHeaders.filter(
    (_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'host',
  );
  return values.length > 0 && (host === '' || values.includes(host))
    ? values
    : [...values, ...(host === '' ? [] : [host])];
}

function mismatchOf(
  asked: Asked,
  {
    header,
    implied,
    names,
  }: {
    readonly header: string | undefined;
    readonly implied: number;
    readonly names: RequestNames;
  },
): Denial | undefined {
  const { authority } = names.connection;
  if (authority !== undefined) {
    const before = readAuthority(
      authority.host.includes(':') ? `[${authority.host}]` : authority.host,
    );
    if (!before.ok || before.authority.host !== asked.host || authority.port !== asked.port)
      return mismatch('the request is for another host or port than the CONNECT before it');
  }
  return header === undefined ? undefined : headerMismatch(asked, header, implied);
}

function headerMismatch(asked: Asked, header: string, implied: number): Denial | undefined {
  const found = readAuthority(header);
  if (!found.ok) return { reason: 'malformed', words: `in the Host header ${found.words}` };
  const { host, port = implied } = found.authority;
  // Some clients leave the port out of the Host header of a CONNECT.
  if (host === asked.host && (port === asked.port || found.authority.port === undefined))
    return undefined;
  return mismatch('the Host header is for another host or port than the target of the request');
}

const askedOf = ({ host, isAddress, port }: Authority, implied: number): Asked => ({
  ...{ host, isAddress },
  port: port ?? implied,
});

const mismatch = (words: string): Denial => ({ reason: 'host_mismatch', words });

const denied = (
  reason: Denial['reason'],
  words: string,
): { readonly ok: false; readonly denial: Denial } => ({ ok: false, denial: { reason, words } });
