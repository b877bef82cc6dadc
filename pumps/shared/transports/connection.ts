import { once } from 'node:events';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type HostPort, isTlsAlert } from '#pump';

export interface ConnectionParts {
  readonly target: HostPort;
  /** Undefined: plain TCP. */
  readonly tls: ConnectionOptions | undefined;
  /** What is said where the receiver answers with an alert of TLS. */
  readonly speaksTls: string;
}

/** Idle connections ask now and then whether the receiver is still there. */
const keepAliveDelay = 30_000;

/** Bytes; of one connection. */
const mostHeard = 64 * 1024;

/** A connection to a receiver that is not expected to say anything. */
export async function connectTo(
  { target: { host, port }, tls, speaksTls }: ConnectionParts,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket =
    tls === undefined ? connectPlain({ host, port }) : connectTls({ host, port, ...name, ...tls });
  try {
    await once(socket, tls === undefined ? 'connect' : 'secureConnect', { signal });
  } catch (error) {
    socket.on('error', ignore);
    socket.destroy();
    throw error;
  }
  // Told to whoever writes; between writes the closed connection says enough.
  socket.on('error', ignore);
  socket.setKeepAlive(true, keepAliveDelay);
  socket.setNoDelay(true);
  // Only by reading is the receiver's end noticed. What talks on and on is none.
  let heard = 0;
  socket.on('data', (chunk: Buffer) => {
    if (heard === 0 && isTlsAlert(chunk)) socket.destroy(new Error(speaksTls));
    heard += chunk.length;
    if (heard > mostHeard) socket.destroy(new Error('The receiver talks on and on.'));
  });
  return socket;
}

export const isOpen = (socket: Socket): boolean => socket.writable && !socket.readableEnded;

/** The other side ended or cut the connection. Its code is known to the kit. */
export function brokenConnection(cause?: unknown): Error {
  const error = new Error('The receiver closed the connection.', { cause });
  return Object.assign(error, { code: 'ECONNRESET' });
}

const ignore = (): void => undefined;
