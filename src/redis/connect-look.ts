import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { systemClock } from '../lib/clock.ts';
import { type Millis, millis } from '../lib/units.ts';
import { inTime, onAbort } from '../lib/waiting.ts';

/*
 * A look at a server with which a connection fails without a word: what does it say to somebody who says nothing, and
 * does it speak TLS? Some refusals (protected mode, too many clients) are sent before the first command, and the client
 * library loses them when its own first write fails.
 */

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** For each step: a server that answers does so at once. */
const connecting = millis(1_000);
const listening = millis(250);
const answering = millis(500);

/** Why nothing can be had at this address; undefined where the look does not tell either. */
export async function lookAt(
  { host, port }: Address,
  { usesTls }: { readonly usesTls: boolean },
  signal: AbortSignal,
): Promise<Error | undefined> {
  if (signal.aborted) return undefined;
  const socket = connectTcp({ host, port });
  const drop = dropOn(signal, socket);
  try {
    const failure = await settled(socket, 'connect', connecting);
    if (failure !== undefined) return failure === 'late' ? undefined : failure;
    const greeting = await firstBytes(socket, listening);
    if (greeting.startsWith('-')) return new Error(greeting.slice(1).trim());
    if (!usesTls)
      return (await speaksTls({ host, port }, signal))
        ? new Error('the server speaks TLS')
        : undefined;
    socket.write('PING\r\n');
    const reply = await firstBytes(socket, answering);
    return /^[-+]/.test(reply) ? new Error('the server speaks no TLS') : undefined;
  } finally {
    drop();
  }
}

async function speaksTls({ host, port }: Address, signal: AbortSignal): Promise<boolean> {
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectTls({ host, port, ...name, rejectUnauthorized: false });
  const drop = dropOn(signal, socket);
  try {
    const failure = await settled(socket, 'secureConnect', connecting);
    // An alert is TLS as well: it wants a certificate, say.
    return failure === undefined || (failure !== 'late' && /alert/i.test(failure.message));
  } finally {
    drop();
  }
}

/** Destroys the socket at the signal, or when what it gives is called. */
function dropOn(signal: AbortSignal, socket: Socket): () => void {
  const forget = onAbort(signal, () => socket.destroy());
  return () => {
    forget();
    socket.destroy();
  };
}

/** Undefined: the event came. */
function settled(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  time: Millis,
): Promise<Error | 'late' | undefined> {
  const end = new Promise<Error | undefined>((resolve) => {
    socket.once(event, () => resolve(undefined));
    // Stays: what comes after the first is of no interest, and must not be an error that nobody listens to.
    socket.on('error', resolve);
    socket.once('close', () => resolve(new Error('the connection was closed')));
  });
  return inTime(end, { clock: systemClock, time }, () => 'late' as const);
}

/** What comes first; empty: nothing in time. */
function firstBytes(socket: Socket, time: Millis): Promise<string> {
  const first = new Promise<string>((resolve) => {
    socket.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
    socket.once('close', () => resolve(''));
  });
  return inTime(first, { clock: systemClock, time }, () => '');
}
