import type { Socket } from 'node:net';
import type { ExchangeError } from '#source';
import { openSocket } from '../../shared/sockets/shared-reads.ts';
import type { Place } from '../call/router.ts';

export type Dialled =
  | { readonly ok: true; readonly socket: Socket }
  | { readonly ok: false; readonly error: ExchangeError };

/** Connects to a place, within so many milliseconds. The socket may be half-open, and waits to be read. */
export function dial({ address, port }: Place, timeout: number): Promise<Dialled> {
  return new Promise((resolve) => {
    const place = port === 0 ? { path: address } : { host: address, port };
    const socket = openSocket({ ...place, allowHalfOpen: true, noDelay: true });
    // It may break while nobody has taken it yet; whoever takes it looks whether it is still there.
    socket.on('error', () => undefined);
    const timer = setTimeout(() => {
      fail({ kind: 'timeout', words: `it did not answer within ${timeout / 1000} s` });
    }, timeout);
    const leave = (): void => {
      clearTimeout(timer);
      socket.off('error', broken).off('connect', open);
    };
    const fail = (error: ExchangeError): void => {
      leave();
      socket.destroy();
      resolve({ ok: false, error });
    };
    const broken = ({ code }: NodeJS.ErrnoException): void =>
      fail(
        code === 'ECONNREFUSED'
          ? { kind: 'refused', words: 'nobody listens there (ECONNREFUSED)' }
          : { kind: 'reset', words: `it cannot be reached (${code ?? 'unknown'})` },
      );
    const open = (): void => {
      leave();
      resolve({ ok: true, socket });
    };
    socket.on('error', broken).on('connect', open);
  });
}
