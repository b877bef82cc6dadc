import type { AddressInfo, Server, Socket } from 'node:net';

/** A server at a port of this machine, which can go away with its connections and come back at the same port. */
export class LocalServer {
  readonly #make: () => Server;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port: number;

  /** `make` is called for each life. Port 0: the first life takes a free one. */
  constructor(make: () => Server, port = 0) {
    this.#make = make;
    this.#port = port;
  }

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = this.#make();
    // Also those whose TLS handshake is not over yet.
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.cut();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  /** Ends the connections, not the server. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
