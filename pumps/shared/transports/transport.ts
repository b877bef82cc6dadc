import { classify, explain, type Failure, type Health } from '#pump';

/** How messages leave this machine. */
export interface Transport {
  /**
   * For each message: undefined once the other side, or at least the operating system, has it, or what went wrong. Never
   * rejects. In a stream messages follow one another as they are, and share their fate.
   */
  send(messages: readonly Buffer[], signal: AbortSignal): Promise<Outcomes>;
  check(signal: AbortSignal): Promise<Health>;
  /** Lets what was sent leave; cuts it off when the signal aborts. */
  close(signal: AbortSignal): Promise<void>;
}

export type Outcomes = readonly (Failure | undefined)[];

export const late: Failure = { kind: 'timeout', message: 'The messages were not taken in time.' };

/** What the error of a socket means. */
export function failureOf(error: unknown): Failure {
  const { code } = error as { readonly code?: unknown };
  if (code === 'EMSGSIZE')
    return { kind: 'oversize', message: 'the datagram is too long', cause: error };
  const verdict = classify(error);
  return verdict.outcome === 'delivered'
    ? { kind: 'unexpected', message: explain(error) }
    : verdict.failure;
}

/**
 * One whole turn of the event loop: what the operating system knows by now is told to us. The first call back may come
 * before the sockets of this turn were looked at.
 */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
