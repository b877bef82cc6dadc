/**
 * A message of HTTP/1.1 that is paused goes on reading from its socket until it holds a chunk more (64 KiB), and a socket one
 * beyond that, also where the socket itself is paused: for thousands of slow calls that is most of the memory. So the socket
 * is paused, and paused again when it has settled: the stream asks for more in ticks that are already due. Microtasks run
 * behind them.
 */
export const whenSettled: (act: () => void) => void = queueMicrotask;
