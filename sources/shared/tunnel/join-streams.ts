import { constants, type Http2Stream } from 'node:http2';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { breakOff } from './join.ts';
import { type Terms, type Tunnel, watchTunnel } from './tunnel.ts';

/**
 * Two sides as one, as `joinSockets` has it for two connections, of which one at least is a stream of HTTP/2. That has no socket of
 * its own that would count its bytes and could be reset: these are counted as they pass, and `cutClient` breaks the client's.
 */
export function joinStreams(
  client: Duplex,
  server: Duplex,
  { cutClient, ...terms }: Terms & { readonly cutClient: () => void },
): Tunnel {
  for (const side of [client, server])
    if (side instanceof Socket) {
      // Or the end of what one says would end what it is told.
      side.allowHalfOpen = true;
      side.setNoDelay(true);
    }
  let [bytesIn, bytesOut] = [0, 0];
  const tunnel = watchTunnel(
    {
      client: {
        ...{ stream: client, name: 'the client', isReset: () => isReset(client) },
        breakOff() {
          if (!client.destroyed) cutClient();
        },
      },
      server: {
        ...{ stream: server, name: 'the server', isReset: () => isReset(server) },
        breakOff: () => breakSide(server),
      },
      moved: () => bytesIn + bytesOut - client.writableLength - server.writableLength,
      counts: () => ({ bytesIn, bytesOut }),
    },
    terms,
  );
  client.on('data', (chunk: Buffer) => {
    bytesIn += chunk.length;
  });
  server.on('data', (chunk: Buffer) => {
    bytesOut += chunk.length;
  });
  client.pipe(server);
  server.pipe(client);
  return tunnel;
}

/** As the other end hears of it: never an end as if all were said. */
export function breakSide(side: Duplex): void {
  if (side instanceof Socket) breakOff(side);
  else if (isStream(side)) side.close(constants.NGHTTP2_CANCEL);
  else side.destroy();
}

/** Of a stream that is reset Node says that both directions have ended. */
const isReset = (side: Duplex): boolean =>
  isStream(side) && side.rstCode !== constants.NGHTTP2_NO_ERROR;

const isStream = (side: Duplex): side is Http2Stream => 'rstCode' in side;
