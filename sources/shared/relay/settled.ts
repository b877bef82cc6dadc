/**
 * A message of HTTP/1.1 that is paused goes on reading from its socket until it holds a chunk more (64 KiB), and a socket one
 * beyond that: for thousands of slow calls that is most of the memory. So the socket itself is paused as well. At once that
 * would not last: the message asks its socket for more in ticks that are already due. Microtasks run behind them.
 */
export const whenSettled: (act: () => void) => void = queueMicrotask;
