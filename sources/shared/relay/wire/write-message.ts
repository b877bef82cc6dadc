import type { Writable } from 'node:stream';

/** Up to here copying is cheaper than a second buffer for the system call. */
const copied = 16 * 1024;

/**
 * Writes what belongs together at once: a head, a body or a part of it, and what ends it. Texts are Latin-1.
 * False: more is welcome at the next `drain`. `written` is called where there is something to write, when the kernel has it.
 */
export function writeMessage(
  socket: Writable,
  lead: string,
  chunk: Uint8Array | undefined,
  tail: string,
  written?: (error?: Error | null) => void,
): boolean {
  if (chunk === undefined || chunk.length === 0) {
    const text = lead + tail;
    return text === '' ? !socket.writableNeedDrain : socket.write(text, 'latin1', written);
  }
  if (lead === '' && tail === '') return socket.write(chunk, written);
  const length = lead.length + chunk.length + tail.length;
  if (length <= copied) {
    const all = Buffer.allocUnsafe(length);
    all.write(lead, 0, 'latin1');
    all.set(chunk, lead.length);
    if (tail !== '') all.write(tail, lead.length + chunk.length, 'latin1');
    return socket.write(all, written);
  }
  socket.cork();
  if (lead !== '') socket.write(lead, 'latin1');
  let isWelcome = socket.write(chunk, tail === '' ? written : undefined);
  if (tail !== '') isWelcome = socket.write(tail, 'latin1', written);
  socket.uncork();
  return isWelcome;
}
