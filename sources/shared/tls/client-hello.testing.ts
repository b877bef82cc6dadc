import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';

/** What Node's own client sends first. */
export function clientHello(options: ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => undefined,
      write(chunk: Buffer) {
        resolve(chunk);
        setImmediate(() => socket.destroy());
      },
    });
    const socket = connect({ socket: wire, ...options });
    socket.on('error', () => undefined);
  });
}
