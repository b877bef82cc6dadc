import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ExchangeError } from '#source';
import { joinSockets } from '../tunnel/join.ts';
import { joinStream } from '../tunnel/join-stream.ts';
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
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- upstreams are asked for an upgrade in HTTP/1.1, over sockets
  const server = socket as Socket;
  const joined =
    client.head.httpVersion === '2.0'
      ? joinStream(switched.socket as ServerHttp2Stream, server, {
          ...terms,
          cutClient: () => client.cut(),
        })
      : // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- as are clients of HTTP/1.1
        joinSockets(switched.socket as Socket, server, terms);
  void joined.ended.then(onEnd);
}
