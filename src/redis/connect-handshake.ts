import type { Redis } from 'ioredis';

/** What is heard of a connection while it is being made. */
export interface HandshakeEars {
  /** Redis refused one of the first commands. The library tells of some only. */
  readonly onRefusal: (error: unknown) => void;
  /** A password is configured, and Redis wants none. */
  readonly onNeedlessPassword: () => void;
}

/**
 * Listens to the commands with which the library begins a connection. It writes to the console where Redis wants no
 * password, and keeps to itself what a server says that takes nobody: the answer to the connection's name is of no
 * interest to it, and is the only place where that is said.
 */
export function watchHandshake(
  redis: Redis,
  { onRefusal, onNeedlessPassword }: HandshakeEars,
): void {
  const own = redis as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const listen = (name: 'auth' | 'client', onFailure: (error: unknown) => unknown): void => {
    const command = own[name]?.bind(redis);
    if (command === undefined) return;
    own[name] = (...args) => command(...args).catch(onFailure);
  };
  listen('auth', (error) => {
    if (!wantsNoPassword(error)) throw error;
    onNeedlessPassword();
  });
  listen('client', (error) => {
    onRefusal(error);
    throw error;
  });
}

const wantsNoPassword = (error: unknown): boolean =>
  error instanceof Error &&
  /no password is set|without any password configured/.test(error.message);
