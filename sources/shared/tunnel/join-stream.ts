import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ExchangeError } from '#source';
import { brokenBy, type Terms, type Tunnel, watchForMovement } from './join.ts';

/**
 * A stream of HTTP/2 and a connection as one, as `joinSockets` has it for two connections. A stream has no socket of its own that
 * would count its bytes and could be reset: these are counted as they pass, and `cutClient` breaks it.
 */
export function joinStream(
  client: ServerHttp2Stream,
  server: Socket,
  { cutClient, ...terms }: Terms & { readonly cutClient: () => void },
): Tunnel {
  server.allowHalfOpen = true;
  let [bytesIn, bytesOut] = [0, 0];
  let error: ExchangeError | undefined;
  const cut = (reason: ExchangeError): void => {
    error ??= reason;
    if (!client.destroyed) cutClient();
    server.destroy();
  };
  const watch = (side: Duplex, who: string): Promise<void> =>
    new Promise((resolve) => {
      side.on('error', (cause) => cut(brokenBy(who, cause)));
      side.once('close', () => {
        // Of a stream that is reset Node says that both directions have ended.
        const isReset = side === client && client.rstCode !== constants.NGHTTP2_NO_ERROR;
        if (isReset || !side.readableEnded || !side.writableFinished) cut(brokenBy(who));
        resolve();
      });
    });
  const ended = Promise.all([watch(client, 'the client'), watch(server, 'the server')]);
  const forget = watchForMovement(
    () => bytesIn + bytesOut - client.writableLength - server.writableLength,
    terms,
    () => cut({ kind: 'timeout', words: `no byte moved for ${terms.idleTimeout / 1000} s` }),
  );
  client.on('data', (chunk: Buffer) => {
    bytesIn += chunk.length;
  });
  server.on('data', (chunk: Buffer) => {
    bytesOut += chunk.length;
  });
  server.setNoDelay(true);
  client.pipe(server);
  server.pipe(client);
  return {
    cut,
    ended: ended.then(() => {
      forget();
      return { bytesIn, bytesOut, error };
    }),
  };
}
