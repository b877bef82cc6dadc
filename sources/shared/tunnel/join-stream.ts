import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { type Terms, type Tunnel, watchTunnel } from './tunnel.ts';

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
  const tunnel = watchTunnel(
    {
      client: {
        ...{ stream: client, name: 'the client' },
        breakOff() {
          if (!client.destroyed) cutClient();
        },
        // Node says of it that both directions have ended.
        isReset: () => client.rstCode !== constants.NGHTTP2_NO_ERROR,
      },
      server: { stream: server, name: 'the server', breakOff: () => server.destroy() },
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
  server.setNoDelay(true);
  client.pipe(server);
  server.pipe(client);
  return tunnel;
}
