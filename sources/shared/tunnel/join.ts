/**
 * Two connections as one: what comes from either goes to the other, as fast as the other takes it. Nothing is looked at and
 * nothing copied; bytes are counted by the sockets themselves, so that a tunnel costs what a bare pair of pipes costs.
 *
 * One that has said its last word may still listen (half-open): its end is passed on, and the other direction goes on. A
 * connection that breaks is broken on the other side too, by a reset where there can be one: an end would say that all is
 * there.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ExchangeError, SourceContext } from '#source';

/** What went through a tunnel, and how it ended. */
export interface TunnelOutcome {
  /** Bytes that the client sent. */
  readonly bytesIn: number;
  /** Bytes that were written to the client. */
  readonly bytesOut: number;
  /** Undefined: both sides ended it. */
  readonly error: ExchangeError | undefined;
}

export interface Tunnel {
  /** Never rejects: how it failed is in the outcome. */
  readonly ended: Promise<TunnelOutcome>;
  /** Breaks it, for the reason given. */
  cut(reason: ExchangeError): void;
}

export interface Terms {
  /** Milliseconds after which a tunnel in which no byte moved is cut, within a quarter more. */
  readonly idleTimeout: number;
  readonly clock: SourceContext['clock'];
}

/** So often is looked whether something moved, within the time of being idle. */
const looks = 4;

/** What the sockets have been given to read already (`unshift`) goes through, too. */
export function joinSockets(client: Socket, server: Socket, terms: Terms): Tunnel {
  // Or the end of what one says would end what it is told.
  client.allowHalfOpen = true;
  server.allowHalfOpen = true;
  const fromClient = client.bytesRead - client.readableLength;
  const toClient = client.bytesWritten;
  let error: ExchangeError | undefined;

  const moved = (): number =>
    client.bytesRead +
    server.bytesRead +
    client.bytesWritten +
    server.bytesWritten -
    client.writableLength -
    server.writableLength;

  const cut = (reason: ExchangeError): void => {
    error ??= reason;
    breakOff(client);
    breakOff(server);
  };

  const watch = (socket: Socket, who: string): Promise<void> =>
    new Promise((resolve) => {
      socket.on('error', (cause) => cut(brokenBy(who, cause)));
      socket.on('close', () => {
        if (!socket.readableEnded || !socket.writableFinished) cut(brokenBy(who));
        resolve();
      });
    });

  const ended = Promise.all([watch(client, 'the client'), watch(server, 'the server')]);
  const forget = watchForMovement(moved, terms, () =>
    cut({ kind: 'timeout', words: `no byte moved for ${terms.idleTimeout / 1000} s` }),
  );
  client.setNoDelay(true);
  server.setNoDelay(true);
  client.pipe(server);
  server.pipe(client);

  return {
    cut,
    ended: ended.then(() => {
      forget();
      return {
        bytesIn: client.bytesRead - fromClient,
        bytesOut: client.bytesWritten - toClient,
        error,
      };
    }),
  };
}

/** Looks now and then instead of at every byte. What it returns ends it. */
export function watchForMovement(
  moved: () => number,
  { idleTimeout, clock }: Terms,
  isIdle: () => void,
): () => void {
  let last = moved();
  let still = 0;
  let callOff = (): void => undefined;
  const look = (): void => {
    const now = moved();
    still = now === last ? still + 1 : 0;
    last = now;
    if (still >= looks) isIdle();
    else again();
  };
  const again = (): void => {
    callOff = clock.after((idleTimeout / looks) as Parameters<typeof clock.after>[0], look);
  };
  again();
  return () => callOff();
}

/** TLS has no reset of its own, and a socket below it belongs to it. */
function breakOff(socket: Socket): void {
  if (socket.destroyed) return;
  // Nor can one be reset that is saying its last word: Node's would never close.
  if (socket instanceof TLSSocket || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

export function brokenBy(who: string, cause?: NodeJS.ErrnoException): ExchangeError {
  const code = cause?.code === undefined ? '' : ` (${cause.code})`;
  return { kind: 'reset', words: `${who} broke the connection${code}` };
}
