/** The promise's outcome, or the signal's reason as soon as it aborts. What comes later is heard and passed over. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const settle = (): void => signal.removeEventListener('abort', abort);
    promise.then(resolve, reject).then(settle, settle);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
