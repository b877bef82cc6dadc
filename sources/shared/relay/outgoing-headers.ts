import type { Decision } from './decision.ts';
import { headerOf, isHopByHop, isNamed, type RawHeaders, tokensOf } from './headers.ts';
import type { ClientSide } from './sides.ts';

type Forward = Extract<Decision, { kind: 'forward' }>;

/** Methods whose request would seem to have a body of unknown length, if it said nothing. */
const usuallyWithBody = new Set(['POST', 'PUT', 'PATCH']);

/** Those that the relay itself decides about, whatever the source says. A source may have credentials for another proxy. */
const isOurs = (name: string): boolean =>
  isNamed(name, 'content-length') ||
  isNamed(name, 'expect') ||
  (isHopByHop(name) && !isNamed(name, 'proxy-authorization'));

/**
 * What an upstream is sent in HTTP/1.1: what the source says, in its order and spelling, with the framing of the body as
 * it is received. The length is only repeated where it is the one that was checked (screen.ts).
 */
export function outgoingHeaders(
  { headers, upstream }: Forward,
  client: Pick<ClientSide, 'head' | 'hasBody' | 'contentLength' | 'expectsContinue' | 'upgrade'>,
): string[] {
  const result: string[] = [];
  const length = bodyLength(client);
  let hasHost = false;
  let hasLength = false;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (isNamed(name, 'host')) hasHost = true;
    else if (isOurs(name)) {
      if (isNamed(name, 'content-length') && length !== undefined && !hasLength) {
        hasLength = true;
        result.push(name, length);
      } else if (isNamed(name, 'expect') && client.expectsContinue)
        result.push(name, '100-continue');
      continue;
    }
    result.push(name, headers[i + 1] ?? '');
  }
  if (!hasHost) result.unshift('Host', hostOf(upstream));
  if (client.hasBody && client.contentLength === undefined)
    result.push('Transfer-Encoding', 'chunked');
  else if (!hasLength && length !== undefined) result.push('Content-Length', length);
  if (client.upgrade !== undefined) result.push('Connection', 'Upgrade', 'Upgrade', client.upgrade);
  else if (wantsTrailers(client.head.rawHeaders))
    result.push('TE', 'trailers', 'Connection', 'TE, keep-alive');
  return result;
}

/** Undefined: none is sent, because there is no body, or it is chunked. */
function bodyLength({
  head,
  hasBody,
  contentLength,
}: Pick<ClientSide, 'head' | 'hasBody' | 'contentLength'>): string | undefined {
  if (contentLength !== undefined) return String(contentLength);
  return !hasBody && usuallyWithBody.has(head.method) ? '0' : undefined;
}

function wantsTrailers(raw: RawHeaders): boolean {
  const te = headerOf(raw, 'te');
  return te !== undefined && tokensOf(te).some((token) => token.startsWith('trailers'));
}

/** As a client writes it: without the port that the scheme has anyway. */
export function hostOf({ protocol, host, port }: Forward['upstream']): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  return port === (protocol === 'https:' ? 443 : 80) ? shown : `${shown}:${port}`;
}

/** Of the upstream's answer to what the client gets. */
export function answerHeaders(
  status: number,
  raw: RawHeaders,
  further: RawHeaders | undefined,
): string[] {
  const result: string[] = [];
  const named = headerOf(raw, 'connection');
  // By far the most frequent one names what goes anyway.
  const tokens = named === undefined || named === 'keep-alive' ? undefined : tokensOf(named);
  const hasNoLength = status === 204 || status < 200;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    // What a proxy wants of us is not the client's business; what an origin wants of its client is.
    if (isHopByHop(name)) continue;
    if (isNamed(name, 'content-length')) {
      if (hasNoLength) continue;
    } else if (tokens?.includes(name.toLowerCase()) === true) continue;
    result.push(name, raw[i + 1] ?? '');
  }
  if (further !== undefined) result.push(...further);
  return result;
}
