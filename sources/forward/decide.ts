import { shownHostPort } from '#source';
import { canonicalHost } from '../shared/lists/hosts.ts';
import { answerOf } from '../shared/relay/answer.ts';
import type { Decision, RequestHead } from '../shared/relay/decision.ts';
import { removeHeader, setHeader, withoutHopByHop } from '../shared/relay/headers.ts';
import { readTarget, type Target } from './access/targets.ts';
import { type Refusal, refusal, refuseClient, refuseTarget } from './admit.ts';
import type { Meter } from './metrics/meter.ts';
import type { Settings } from './settings.ts';
import type { Upstreams } from './upstreams.ts';

interface Parts {
  readonly settings: Settings;
  readonly upstreams: Upstreams;
  readonly meter: Meter;
}

/** What is done with a request whose head can be read: of absolute form, or from within a tunnel that is looked into. */
export function decide(head: RequestHead, parts: Parts): Decision {
  const { authority } = head.connection;
  const asked = authority === undefined ? outside(head, parts) : inside(head, authority);
  if ('type' in asked) return refuse(head, asked, parts.meter);
  const { settings, upstreams } = parts;
  return {
    kind: 'forward',
    upstream: upstreams.of({ ...asked.target, ...asked.how }),
    target: asked.path,
    headers: headersFor(head, asked.host),
    ...(settings.answerTimeout === 0 ? {} : { timeout: settings.answerTimeout }),
    call: {},
    recordedHeaders: removeHeader(head.rawHeaders, 'proxy-authorization'),
  };
}

interface Asked {
  readonly target: Target;
  readonly how: {
    readonly protocol: 'http:' | 'https:';
    readonly serverName?: string | undefined;
    readonly http2?: 'never' | 'alpn';
  };
  /** `/path?query`, as the client wrote it. */
  readonly path: string;
  /** The Host header that it gets; undefined: the client's own. */
  readonly host?: string;
}

/** A request to the proxy itself: `GET http://host:port/path`. */
function outside(head: RequestHead, { settings }: Parts): Asked | Refusal {
  const refused = refuseClient(settings, {
    address: head.client.address,
    authorization: head.header('proxy-authorization'),
  });
  if (refused !== undefined) return refused;
  const asked = readAbsolute(head.target);
  if (typeof asked === 'string') return refusal('target', 400, asked);
  return refuseTarget(settings, asked.target, head.method) ?? asked;
}

const notAProxyRequest =
  'This is a forward proxy: a request names its whole URL, or asks for a tunnel with CONNECT. Set http_proxy and https_proxy of the client to this address.';

function readAbsolute(text: string): Asked | string {
  const [, scheme = '', authority = '', rest = ''] =
    /^(https?):\/\/([^/?#]*)([^#]*)/i.exec(text) ?? [];
  if (scheme === '')
    return text.startsWith('/') ? notAProxyRequest : 'The proxy serves URLs of http and https.';
  if (authority.includes('@')) return 'The URL has a user in it, which is for the client to send.';
  const protocol = scheme.toLowerCase() === 'https' ? 'https:' : 'http:';
  const usual = protocol === 'https:' ? 443 : 80;
  const target =
    readTarget(authority) ?? readTarget(`${authority.replace(/:$/, '')}:${usual}`) ?? undefined;
  if (target === undefined) return 'The URL has no host that could be one.';
  return {
    target,
    how: { protocol },
    path: rest.startsWith('/') ? rest : `/${rest}`,
    host: authority,
  };
}

/** A request within a tunnel, with TLS or without. It goes where the tunnel was asked for, whatever it says of hosts. */
function inside(head: RequestHead, authority: Target): Asked | Refusal {
  const path = /^(?:\/|\*$)/.test(head.target) ? head.target : pathWithin(head.target, authority);
  if (path === undefined)
    return refusal('target', 421, `This tunnel leads to ${shownHostPort(authority)}.`);
  const how = head.isTls
    ? ({
        protocol: 'https:',
        serverName: head.serverName,
        // A WebSocket begins in HTTP/1.1, so whoever speaks that is spoken for in it.
        http2: head.httpVersion === '2.0' ? 'alpn' : 'never',
      } as const)
    : ({ protocol: 'http:' } as const);
  return { target: authority, how, path };
}

/** Of a whole URL, which some clients write there too. */
function pathWithin(text: string, authority: Target): string | undefined {
  const asked = readAbsolute(text);
  return typeof asked === 'string' || asked.target.host !== canonicalHost(authority.host)
    ? undefined
    : asked.path;
}

/** Nothing is added: no Via, no Forwarded, no time of ours. */
function headersFor(head: RequestHead, host: string | undefined): readonly string[] {
  const kept = withoutHopByHop(head.rawHeaders);
  // RFC 9112, 3.2.2: what the URL says counts, and Host must say the same.
  return host === undefined ? kept : setHeader(kept, 'Host', host);
}

function refuse(
  head: RequestHead,
  { type, status, words, headers }: Refusal,
  meter: Meter,
): Decision {
  meter.rejected(type);
  return {
    kind: 'answer',
    ...answerOf(status, words, { head, headers }),
    call: {},
    error: { kind: 'denied', words },
    recordedHeaders: removeHeader(head.rawHeaders, 'proxy-authorization'),
  };
}
