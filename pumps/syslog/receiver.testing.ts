import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { aContext } from '#pump/testing';
import { nextTurn } from './client.ts';

/** For contract tests: connections stand no probation, which would be half a second for each. */
export const impatient = { clock: { ...aContext().clock, sleep: nextTurn } };

/** A server of a test's own for streams, which can go away and come back at the same port. */
export class Receiver {
  readonly #handle: (socket: Socket) => void;
  readonly #tls: TlsOptions | undefined;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  port = 0;

  private constructor(handle: (socket: Socket) => void, tls: TlsOptions | undefined) {
    this.#handle = handle;
    this.#tls = tls;
  }

  static async start(handle: (socket: Socket) => void, tls?: TlsOptions): Promise<Receiver> {
    const receiver = new Receiver(handle, tls);
    await receiver.listen();
    return receiver;
  }

  async listen(): Promise<void> {
    if (this.#server !== undefined) return;
    const handle = (socket: Socket): void => {
      socket.on('error', () => socket.destroy());
      this.#handle(socket);
    };
    const server =
      this.#tls === undefined ? createServer(handle) : createTlsServer(this.#tls, handle);
    // Also those whose handshake is not over yet.
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
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
