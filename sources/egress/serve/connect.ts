import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { answerOf } from '../../shared/relay/answer.ts';
import type { RequestHead } from '../../shared/relay/decision.ts';
import { removeHeader } from '../../shared/relay/headers.ts';
import type { Relay } from '../../shared/relay/relay.ts';
import { type FirstBytes, peekFirstBytes } from '../../shared/tunnel/first-bytes.ts';
import { shownAsked, shownUnread } from '../audit/audit.ts';
import type { Rulings } from '../call/ruling.ts';
import { passThroughDenial } from '../policy/protocol.ts';
import { readConnectTarget } from '../policy/request-target.ts';
import type { Asked, Denial, EntryMatch } from '../policy/verdict.ts';
import { denialStatus, denialWords } from './decide.ts';
import type { Caller, Tunnels } from './tunnels.ts';
import { partWith, turnAway } from './turn-away.ts';

export interface ConnectParts {
  readonly rulings: Rulings;
  readonly tunnels: Tunnels;
  readonly relay: () => Relay;
  /** Milliseconds that a client has to begin, once its tunnel is open. */
  readonly firstBytesTimeout: number;
}

/**
 * Serves a CONNECT. What the entry's port speaks decides what may follow: requests, which are looked into like any other; TLS for
 * the very host; or bytes.
 */
export async function serveConnect(
  head: RequestHead,
  socket: Duplex,
  first: Buffer,
  parts: ConnectParts,
): Promise<void> {
  if (first.length > 0) socket.unshift(first);
  const { rulings, tunnels } = parts;
  const reading = readConnectTarget(head);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- of HTTP/1.1, whose server has sockets
  const caller = tunnels.callerOf(socket as Socket, {
    by: 'connect',
    asked: reading.ok ? shownAsked(reading.asked) : shownUnread(head.target),
    rawHeaders: removeHeader(head.rawHeaders, 'proxy-authorization'),
    client: head.client,
  });
  const deny = (denial: Denial, match?: EntryMatch): void => {
    tunnels.deny(caller, denial, match);
    answer(socket, head, denialStatus(denial), denialWords(denial));
  };
  if (!reading.ok) {
    deny(reading.denial);
    return;
  }
  const { asked } = reading;
  const ruling = rulings.current;
  const verdict = ruling.judge.verdictOf(asked);
  if (verdict.kind === 'denied') {
    deny(verdict.denial);
    return;
  }
  const match = verdict.kind === 'entry' ? verdict : undefined;
  if (match !== undefined && isHttp(match)) {
    await serveRequests(caller, { asked, match, head, parts });
    return;
  }
  const opened = await tunnels.open(caller, asked, { ruling, match });
  if (!opened.ok) {
    const { denial, words } = opened;
    if (denial !== undefined) answer(socket, head, denialStatus(denial), denialWords(denial));
    else answer(socket, head, 502, `The egress entry could not reach it: ${words}.`);
    return;
  }
  if (!socket.destroyed) socket.write(established);
  if (match === undefined || match.port.protocol === 'TCP') {
    tunnels.join(caller, opened, match);
    return;
  }
  const seen = await firstBytes(caller, parts.firstBytesTimeout);
  const denial = seen === undefined ? undefined : passThroughDenial(asked, seen);
  if (denial === undefined) {
    // Where the client has left without a byte, that is all there is to record.
    if (seen === undefined) socket.destroy();
    tunnels.join(caller, opened, match, seen);
    return;
  }
  opened.server.destroy();
  opened.ended();
  tunnels.deny(caller, denial, match, seen);
  turnAway(caller.socket, seen);
}

const established = 'HTTP/1.1 200 Connection Established\r\n\r\n';

const isHttp = ({ port }: EntryMatch): boolean => !['HTTPS', 'TLS', 'TCP'].includes(port.protocol);

/** Of HTTP in a tunnel each request is judged; nobody is connected to before. */
async function serveRequests(
  caller: Caller,
  {
    asked,
    match,
    parts,
    head,
  }: {
    readonly asked: Asked;
    readonly match: EntryMatch;
    readonly head: RequestHead;
    readonly parts: ConnectParts;
  },
): Promise<void> {
  const { socket, client } = caller;
  socket.write(established);
  const seen = await firstBytes(caller, parts.firstBytesTimeout);
  if (seen?.kind === 'http' || seen?.kind === 'http2') {
    const { host, port } = asked;
    parts.relay().accept(socket, { client, authority: { host, port } });
    return;
  }
  if (seen === undefined || seen.kind === 'nothing') {
    socket.end();
    return;
  }
  const speaks = seen.kind === 'tls' ? 'TLS' : 'something else';
  const words = `port ${match.port.number} of the entry ${match.entry.name} is for ${match.port.protocol}, and the client speaks ${speaks} in a tunnel to ${head.target}`;
  parts.tunnels.deny(caller, { reason: 'protocol', words }, match, seen);
  turnAway(socket, seen);
}

/** Undefined: the client is gone. */
const firstBytes = (caller: Caller, wait: number): Promise<FirstBytes | undefined> =>
  peekFirstBytes(caller.socket, wait).catch(() => undefined);

function answer(socket: Duplex, head: RequestHead, status: number, words: string): void {
  const { headers, body } = answerOf(status, words, { head });
  const lines = [`HTTP/1.1 ${status} ${phrases[status] ?? ''}`, 'Connection: close'];
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  partWith(socket, `${lines.join('\r\n')}\r\n\r\n${body}`);
}

const phrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  502: 'Bad Gateway',
};
