/** Standard streams without a write that makes the process wait for whoever reads them. */
import { write } from 'node:fs';
import { isatty } from 'node:tty';
import type { Put } from '../telemetry/log-outlet.ts';

const busyPause = 20;

/** Where the bytes of a standard stream go. */
export function putTo(stream: NodeJS.WriteStream & { readonly fd: number }): Put {
  // Node writes to a terminal in the calling thread, and a terminal that nobody reads (`docker run -t`) takes nothing.
  if (isatty(stream.fd)) return putToTerminal(stream.fd);
  // As it is now: a service lets nobody else write to it.
  const put = stream.write.bind(stream);
  return (bytes, done) => {
    put(bytes, done);
    return stream.writableLength === 0;
  };
}

const putToTerminal =
  (fd: number): Put =>
  (bytes, done) => {
    const go = (from: number): void => {
      write(fd, bytes, from, bytes.length - from, null, (error, written) => {
        // Somebody else has told the terminal not to let writers wait.
        if (error?.code === 'EAGAIN') setTimeout(() => go(from), busyPause);
        else if (error !== null || from + written === bytes.length) done(error);
        else go(from + written);
      });
    };
    go(0);
    return false;
  };
