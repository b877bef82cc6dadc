import type { Duplex } from 'node:stream';
import type { Clock, Millis } from '#source';

/**
 * Waits for the first bytes of a connection and puts them back: who takes the socket reads them as if nobody had looked.
 * `seen` is called once; never for a connection that ends before it has said anything. One that says nothing in time is
 * handed to `silent`.
 */
export function peek(
  socket: Duplex,
  {
    clock,
    time,
    silent,
  }: { readonly clock: Clock; readonly time: Millis; readonly silent: () => void },
  seen: (first: Buffer) => void,
): void {
  const leave = (): void => {
    callOff();
    socket.removeListener('readable', look).removeListener('close', leave);
  };
  const callOff = clock.after(time, () => {
    leave();
    silent();
  });
  const look = (): void => {
    const first = socket.read() as Buffer | null;
    if (first === null) {
      // Its end, without a byte before it.
      if (socket.readableEnded || !socket.readable) leave();
      return;
    }
    leave();
    socket.unshift(first);
    seen(first);
  };
  socket.on('readable', look);
  socket.once('close', leave);
  socket.once('end', () => {
    // A client that closes without a word is waited for by nobody else.
    if (socket.listenerCount('readable') > 0) socket.destroy();
  });
}

/** Whether a ClientHello may begin so. */
export const isTlsHandshake = (first: Uint8Array): boolean =>
  first[0] === 0x16 && (first[1] === undefined || first[1] === 0x03);
