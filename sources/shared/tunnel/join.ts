/**
 * Two connections as one: what comes from either goes to the other, as fast as the other takes it. Bytes are counted by the
 * sockets themselves, and handed on at less than a bare pair of pipes costs (pass.ts).
 *
 * One that has said its last word may still listen (half-open): its end is passed on, and the other direction goes on. A
 * connection that breaks is broken on the other side too, by a reset where there can be one: an end would say that all is
 * there.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type FirstBytes, lookAtFirstBytes } from './first-bytes.ts';
import { pass } from './pass.ts';
import { type Terms, type Tunnel, watchTunnel } from './tunnel.ts';

/** `first` hears once what the client begins with. What the sockets have been given to read already (`unshift`) goes through, too. */
export function joinSockets(
  client: Socket,
  server: Socket,
  { first, ...terms }: Terms & { readonly first?: ((seen: FirstBytes) => void) | undefined },
): Tunnel {
  // Or the end of what one says would end what it is told.
  client.allowHalfOpen = true;
  server.allowHalfOpen = true;
  const fromClient = client.bytesRead - client.readableLength;
  const toClient = client.bytesWritten;
  const tunnel = watchTunnel(
    {
      client: { stream: client, name: 'the client', breakOff: () => breakOff(client) },
      server: { stream: server, name: 'the server', breakOff: () => breakOff(server) },
      moved: () =>
        client.bytesRead +
        server.bytesRead +
        client.bytesWritten +
        server.bytesWritten -
        client.writableLength -
        server.writableLength,
      counts: () => ({
        bytesIn: client.bytesRead - fromClient,
        bytesOut: client.bytesWritten - toClient,
      }),
    },
    terms,
  );
  client.setNoDelay(true);
  server.setNoDelay(true);
  pass(client, server, first === undefined ? undefined : lookAtFirstBytes(first));
  pass(server, client);
  return tunnel;
}

/** TLS has no reset of its own, and a socket below it belongs to it. */
export function breakOff(socket: Socket): void {
  if (socket.destroyed) return;
  // Nor can one be reset that is saying its last word: Node's would never close.
  if (socket instanceof TLSSocket || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
