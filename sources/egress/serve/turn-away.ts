import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FirstBytes } from '../../shared/tunnel/first-bytes.ts';

/** A record of TLS: alert, fatal, and why (RFC 8446, 6). In the clear, as it comes before any key. */
const alert = (description: number): Buffer =>
  Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, description]);

const accessDenied = alert(49);
/** So long a client has to read why, before its connection is cut. */
const partingTime = 2_000;

/** Ends a connection that may not be: clients of TLS are told in their language, all others see a reset. */
export function turnAway(socket: Socket, first: FirstBytes | undefined): void {
  if (first?.kind === 'tls') partWith(socket, accessDenied);
  else if (!socket.destroyed) socket.on('error', () => undefined).resetAndDestroy();
}

/** Says a last word. What the client still sends is read and forgotten, or its end would never be seen. */
export function partWith(socket: Duplex, word: string | Buffer): void {
  if (socket.destroyed) return;
  socket.on('error', () => undefined);
  socket.end(word);
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), partingTime);
  socket.once('close', () => clearTimeout(timer));
}
