import { connect, type Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import type { Certificates } from './certificates.ts';

export interface TlsFront {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Speaks TLS before a Redis that does not, as stunnel and the proxies of clouds do: servers that can be had without root
 * are built without it.
 */
export async function startTlsFront(
  redis: { readonly host: string; readonly port: number },
  { ca, cert, key }: Certificates,
  options: Pick<TlsOptions, 'requestCert' | 'rejectUnauthorized' | 'minVersion'> = {},
): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  const server = createServer({ ca, cert, key, ...options }, (secure) => {
    const plain = connect(redis);
    for (const socket of [secure, plain]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        for (const either of [secure, plain]) either.destroy();
      });
    }
    secure.pipe(plain).pipe(secure);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('unreachable');
  return {
    host: '127.0.0.1',
    port: address.port,
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
