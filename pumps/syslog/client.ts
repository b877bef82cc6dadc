import type { Health } from '#pump';

/** How messages leave this machine. */
export interface Transport {
  /**
   * Returns once the operating system has them all; rejects where it is not sure of that. `messages` are framed: in a
   * stream they follow one another.
   */
  send(messages: readonly Buffer[], signal: AbortSignal): Promise<void>;
  check(signal: AbortSignal): Promise<Health>;
  /** Lets what was sent leave; cuts it off when the signal aborts. */
  close(signal: AbortSignal): Promise<void>;
}

/** The other side ended or cut the connection. Its code is known to the kit. */
export function brokenConnection(cause?: unknown): Error {
  const error = new Error('The receiver closed the connection.', { cause });
  return Object.assign(error, { code: 'ECONNRESET' });
}

/**
 * One whole turn of the event loop: what the operating system knows by now is told to us. The first call back may come
 * before the sockets of this turn were looked at.
 */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
