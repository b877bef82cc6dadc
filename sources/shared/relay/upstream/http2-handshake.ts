/** An upgrade of HTTP/1.1 as HTTP/2 has it: extended CONNECT (RFC 8441). */
import { createHash } from 'node:crypto';
import {
  headerOf,
  isHopByHop,
  isNamed,
  type RawHeaders,
  removeHeader,
  tokensOf,
} from '../headers.ts';
import type { AnswerHead } from '../sides.ts';

/** What every server of WebSockets adds to the key of a handshake (RFC 6455, 1.3). */
const websocketId = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The one protocol that is asked for, where a client names several. Undefined: none that has a name. */
export function protocolOf(upgrade: string): string | undefined {
  const named = tokensOf(upgrade);
  return named.includes('websocket') ? 'websocket' : named[0];
}

/** HTTP/2 has no proof of the handshake: the key stays here. */
export const withoutKey = (headers: RawHeaders): RawHeaders =>
  removeHeader(headers, 'sec-websocket-key');

/** The answer of HTTP/1.1 that a 2xx of HTTP/2 stands for, with the proof for the client's key. */
export function switchedHead(
  answer: AnswerHead,
  { protocol, headers }: { readonly protocol: string; readonly headers: RawHeaders },
): AnswerHead {
  const key = headerOf(headers, 'sec-websocket-key');
  const rawHeaders = ['Upgrade', protocol, 'Connection', 'Upgrade'];
  if (key !== undefined)
    rawHeaders.push(
      'Sec-WebSocket-Accept',
      createHash('sha1').update(`${key}${websocketId}`).digest('base64'),
    );
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2) {
    const name = answer.rawHeaders[at] ?? '';
    // Nor is there a body that a length could be of.
    if (isHopByHop(name) || isOfHandshake(name)) continue;
    rawHeaders.push(name, answer.rawHeaders[at + 1] ?? '');
  }
  return { ...answer, status: 101, reason: 'Switching Protocols', rawHeaders };
}

const isOfHandshake = (name: string): boolean =>
  isNamed(name, 'content-length') || isNamed(name, 'sec-websocket-accept');
