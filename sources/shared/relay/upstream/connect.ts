import { isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type Clock, millis, shownHostPort } from '#source';
import { openSocket } from '../../sockets/shared-reads.ts';
import type { Upstream } from '../decision.ts';
import { NoConnection, shownUpstream } from './failure.ts';
import { throughProxy } from './through-proxy.ts';

/** What one upstream's connections have in common: the last session of TLS, which spares the next one half a handshake. */
export interface TlsMemory {
  session: Buffer | undefined;
}

interface Terms {
  readonly clock: Clock;
  readonly memory: TlsMemory;
  /** What is offered by ALPN; empty: nothing. */
  readonly alpn: readonly string[];
}

const keepAliveDelay = 60_000;

/** A connection to the upstream, TLS included. Rejects with `NoConnection`, or what Node says. */
export async function connectTo(upstream: Upstream, terms: Terms): Promise<Socket> {
  const opened: { socket?: Socket; isLate: boolean } = { isLate: false };
  const callOff = terms.clock.after(millis(upstream.connectTimeout), () => {
    opened.isLate = true;
    opened.socket?.destroy(tooLate(upstream));
  });
  const keep = <T extends Socket>(socket: T): T => {
    opened.socket = socket;
    if (opened.isLate) socket.destroy(tooLate(upstream));
    return socket;
  };
  try {
    const socket = await opening(upstream, keep);
    return upstream.protocol === 'https:' ? await secured(socket, upstream, terms, keep) : socket;
  } finally {
    callOff();
  }
}

async function opening(upstream: Upstream, keep: (socket: Socket) => Socket): Promise<Socket> {
  const { socketPath, via, resolve } = upstream;
  const host = via === undefined ? await resolved(upstream, resolve) : via.host;
  const socket = keep(
    openSocket(
      socketPath === undefined
        ? { host, port: via?.port ?? upstream.port, noDelay: true }
        : { path: socketPath },
    ),
  );
  await once(socket, 'connect');
  socket.setKeepAlive(true, keepAliveDelay);
  if (via !== undefined) await throughProxy(socket, upstream, via);
  return socket;
}

async function resolved({ host }: Upstream, resolve: Upstream['resolve']): Promise<string> {
  if (resolve === undefined) return host;
  try {
    return await resolve(host);
  } catch (error) {
    if (error instanceof NoConnection) throw error;
    const words = error instanceof Error ? error.message : 'no reason given';
    throw new NoConnection(
      'denied',
      `the upstream ${host} may not be connected to: ${words}`,
      error,
    );
  }
}

async function secured(
  socket: Socket,
  { host, tls }: Upstream,
  { memory, alpn }: Terms,
  keep: <T extends Socket>(socket: T) => T,
): Promise<TLSSocket> {
  const secure = keep(
    connectTls({
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
      ...(memory.session === undefined ? {} : { session: memory.session }),
      ...tls,
      // Whose name the certificate must have, where no server name is sent.
      host,
      socket,
    }),
  );
  secure.on('session', (session) => {
    memory.session = session;
  });
  await once(secure, 'secureConnect');
  return secure;
}

/** Rejects with the socket's error, also where it is closed without one. */
const once = (socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> =>
  new Promise((resolve, reject) => {
    const onClose = (): void => {
      reject(Object.assign(new Error('socket closed'), { code: 'ECONNRESET' }));
    };
    // It stays: a later error is told by whoever uses the socket, and must not end the process before.
    socket.on('error', reject);
    socket.once('close', onClose);
    socket.once(event, () => {
      socket.removeListener('close', onClose);
      resolve();
    });
  });

const tooLate = (upstream: Upstream): NoConnection =>
  new NoConnection(
    'timeout',
    `the upstream ${shownUpstream(upstream)} could not be connected to within ${upstream.connectTimeout / 1000} s` +
      (upstream.via === undefined ? '' : ` through the proxy ${shownHostPort(upstream.via)}`),
  );
