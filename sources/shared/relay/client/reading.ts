import type { Duplex } from 'node:stream';
import { whenSettled } from '../settled.ts';

/** What Node's own HTTP server uses of a socket that it parses; not in the types. */
interface Handle {
  reading: boolean;
  readStart(): number;
  readStop(): number;
}

const handleOf = (socket: Duplex): Handle | null | undefined =>
  (socket as Duplex & { readonly _handle?: Handle | null })._handle;

/** What comes stays with the kernel, and so with the client: a stream that is merely paused reads one chunk more (64 KiB). */
export function stopReading(socket: Duplex): void {
  socket.pause();
  whenSettled(() => {
    const handle = handleOf(socket);
    if (!socket.isPaused() || handle?.reading !== true) return;
    handle.reading = false;
    handle.readStop();
  });
}

export function goOnReading(socket: Duplex): void {
  socket.resume();
  const handle = handleOf(socket);
  if (socket.destroyed || handle?.reading !== false) return;
  handle.reading = true;
  handle.readStart();
}
