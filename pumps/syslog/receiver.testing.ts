import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { aContext, LocalServer } from '#pump/testing';
import { nextTurn } from '../shared/transports/transport.ts';

/** For contract tests: connections stand no probation, which would be half a second for each. */
export const impatient = { clock: { ...aContext().clock, sleep: nextTurn } };

/** A server of a test's own for streams. */
export async function startReceiver(
  handle: (socket: Socket) => void,
  tls?: TlsOptions,
): Promise<LocalServer> {
  const take = (socket: Socket): void => {
    socket.on('error', () => socket.destroy());
    handle(socket);
  };
  const receiver = new LocalServer(() =>
    tls === undefined ? createServer(take) : createTlsServer(tls, take),
  );
  await receiver.listen();
  return receiver;
}
