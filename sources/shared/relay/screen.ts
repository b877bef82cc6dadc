/*
 * What Node's strict parser lets through and a proxy must not: two readings of where a request ends, or of whom it is for.
 * The parser has already refused Content-Length beside Transfer-Encoding, obs-fold, spaces before a colon, and characters
 * that no header may have (client-error.ts). What remains is refused here, before anything is sent on.
 */
import type { IncomingMessage } from 'node:http';

/** Why a request was refused: the label `reason` of `sluice_capture_refused_total`. */
export type RefusalReason =
  | 'version'
  | 'host'
  | 'target'
  | 'content_length'
  | 'transfer_encoding'
  | 'expect'
  | 'upgrade_with_body'
  | 'method';

export interface Refusal {
  readonly reason: RefusalReason;
  /** For the client and the record: what is wrong, never what it sent. */
  readonly words: string;
  /** Left out: 400. */
  readonly status?: number;
}

/** A head that has one meaning. */
export interface Screened {
  readonly host: string;
  /** Undefined: the head says none. */
  readonly contentLength: number | undefined;
  readonly isChunked: boolean;
}

const no = (reason: RefusalReason, words: string): Refusal => ({ reason, words });

/** A name, an address of IPv4, or one of IPv6 in brackets; then perhaps a port. As lenient as RFC 3986 is with names, without a user. */
const hostForm = /^(?:\[[\da-fA-F:.]+\]|[\w.~!$&'()*+;=%-]*)(?::\d{0,5})?$/;
const absoluteForm = /^(?:https?|wss?):\/\/([^/?]*)/i;

/** Of HTTP/1. `Screened`, or why the request is refused; then its connection must end, for nobody knows where the next one begins. */
export function screen(
  request: Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'rawHeaders'>,
  isUpgrade: boolean,
): Screened | Refusal {
  const { httpVersion, rawHeaders } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return no('version', 'Only HTTP/1.1 and HTTP/1.0 are spoken here');
  let host: string | undefined;
  let length: string | undefined;
  let coding: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const value = rawHeaders[i + 1] ?? '';
    // By its length first: most headers are none of these.
    switch (name.length) {
      case 4:
        if (name.toLowerCase() !== 'host') break;
        if (host !== undefined) return no('host', 'The request has more than one Host header');
        host = value;
        break;
      case 6:
        if (name.toLowerCase() !== 'expect' || value.toLowerCase() === '100-continue') break;
        // Whoever finds the word in the middle of another value waits, and whoever does not, reads on.
        return { ...no('expect', 'The only expectation here is 100-continue'), status: 417 };
      case 14:
        if (!isSpelled(name, 'content-length')) break;
        if (length !== undefined || name.includes('_'))
          return no(
            'content_length',
            'The request has more than one length, or one that is misspelt',
          );
        length = value;
        break;
      case 17:
        if (!isSpelled(name, 'transfer-encoding')) break;
        if (coding !== undefined || name.includes('_'))
          return no('transfer_encoding', 'Transfer-Encoding may be given once, and spelt as it is');
        coding = value;
        break;
      default:
    }
  }
  if (coding !== undefined && (httpVersion !== '1.1' || coding.toLowerCase() !== 'chunked'))
    return no('transfer_encoding', 'The only Transfer-Encoding here is chunked, in HTTP/1.1');
  if (length !== undefined && (coding !== undefined || !/^\d{1,15}$/.test(length)))
    return no('content_length', 'Content-Length must be one number, without a Transfer-Encoding');
  const contentLength = length === undefined ? undefined : Number(length);
  if (isUpgrade && (coding !== undefined || (contentLength ?? 0) > 0))
    return no('upgrade_with_body', 'A request that asks for another protocol may have no body');
  if (host === undefined && httpVersion === '1.1')
    return no('host', 'The request has no Host header');
  const badTarget = screenTarget(request, host);
  return badTarget ?? { host: host ?? '', contentLength, isChunked: coding !== undefined };
}

/** Also with `_` for `-`: servers that hand headers on as variables take both for the same. */
const isSpelled = (name: string, lower: string): boolean =>
  name.toLowerCase().replaceAll('_', '-') === lower;

function screenTarget(
  { method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>,
  host: string | undefined,
): Refusal | undefined {
  if (host !== undefined && !hostForm.test(host))
    return no('host', 'The Host header must be a name or an address, perhaps with a port');
  if (method === 'CONNECT')
    return hostForm.test(url) ? undefined : no('target', 'CONNECT wants a name and a port');
  if (url.includes('#')) return no('target', 'The target of a request may have no fragment');
  if (url.startsWith('/')) return undefined;
  if (url === '*' && method === 'OPTIONS') return undefined;
  const authority = absoluteForm.exec(url)?.[1];
  if (authority === undefined || authority === '' || !hostForm.test(authority))
    return no('target', 'The target must be a path or a URL');
  // RFC 9112, 3.2.2: they must be the same. A cache or a filter before us may have looked at the other one.
  return host !== undefined && host.toLowerCase() !== authority.toLowerCase()
    ? no('host', 'The Host header differs from the host of the target')
    : undefined;
}

/** Of HTTP/2, where lengths are the protocol's: what must not become a line of HTTP/1.1. */
export function screenHttp2(
  pseudo: {
    readonly method: string;
    readonly path: string;
    readonly authority: string | undefined;
  },
  rawHeaders: readonly string[],
): Screened | Refusal {
  if (!/^[!#$%&'*+.^_`|~\dA-Za-z-]+$/.test(pseudo.method))
    return no('method', 'The method has characters that none may have');
  let host: string | undefined;
  let length: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i] === 'host') {
      if (host !== undefined) return no('host', 'The request has more than one Host header');
      host = rawHeaders[i + 1];
    } else if (rawHeaders[i] === 'content-length') length = rawHeaders[i + 1];
    else if (rawHeaders[i] === 'transfer-encoding')
      return no('transfer_encoding', 'HTTP/2 has no Transfer-Encoding');
  }
  if (host !== undefined && pseudo.authority !== undefined && host !== pseudo.authority)
    return no('host', 'The Host header differs from :authority');
  if (length !== undefined && !/^\d{1,15}$/.test(length))
    return no('content_length', 'Content-Length must be one number');
  const bad = /[^\u0021-\u00ff]/.test(pseudo.path)
    ? no('target', 'The path has characters that none may have')
    : screenTarget({ method: pseudo.method, url: pseudo.path }, pseudo.authority ?? host);
  return (
    bad ?? {
      host: pseudo.authority ?? host ?? '',
      contentLength: length === undefined ? undefined : Number(length),
      isChunked: false,
    }
  );
}
