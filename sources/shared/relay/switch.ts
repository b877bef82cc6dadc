import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ExchangeError } from '#source';
import { joinSockets } from '../tunnel/join.ts';
import { breakSide, joinStreams } from '../tunnel/join-streams.ts';
import type { RelayParts } from './parts.ts';
import type { AnswerHead, ClientSide } from './sides.ts';

interface Switched {
  readonly client: ClientSide;
  readonly head: AnswerHead;
  readonly socket: Duplex;
  /** What the upstream sent behind its 101. */
  readonly first: Buffer;
  readonly parts: RelayParts;
}

/** Both sides have agreed to speak another protocol: what they say passes and is counted, until both have ended. */
export function tunnel(
  { client, head, socket, first, parts }: Switched,
  onEnd: (outcome: {
    readonly bytesIn: number;
    readonly bytesOut: number;
    readonly error: ExchangeError | undefined;
  }) => void,
): void {
  const switched = client.switchProtocol(head);
  if (switched.first.length > 0) switched.socket.unshift(switched.first);
  if (first.length > 0) socket.unshift(first);
  const terms = { idleTimeout: parts.limits.tunnelIdle, clock: parts.context.clock };
  const theirs = switched.socket;
  const joined =
    theirs instanceof Socket && socket instanceof Socket
      ? joinSockets(theirs, socket, terms)
      : joinStreams(theirs, socket, {
          ...terms,
          cutClient: () => (theirs instanceof Socket ? breakSide(theirs) : client.cut()),
        });
  void joined.ended.then(onEnd);
}
