import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** Up to here copying is cheaper than a second buffer for the system call. */
const copied = 16 * 1024;

/** For one message after the other: mostly the kernel has taken all of it when the call returns. */
let scratch = Buffer.allocUnsafeSlow(copied);

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
    const all = scratch.subarray(0, length);
    all.write(lead, 0, 'latin1');
    all.set(chunk, lead.length);
    if (tail !== '') all.write(tail, lead.length + chunk.length, 'latin1');
    const isWelcome = socket.write(all, written);
    // Where the kernel has not taken all of it, it stays the socket's; what other streams do with it nobody knows.
    if (socket.writableLength > 0 || !(socket instanceof Socket))
      scratch = Buffer.allocUnsafeSlow(copied);
    return isWelcome;
  }
  socket.cork();
  if (lead !== '') socket.write(lead, 'latin1');
  let isWelcome = socket.write(chunk, tail === '' ? written : undefined);
  if (tail !== '') isWelcome = socket.write(tail, 'latin1', written);
  socket.uncork();
  return isWelcome;
}
