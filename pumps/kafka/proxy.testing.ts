import { connect, createServer, type Server, type Socket } from 'node:net';

const produce = 0;

/** Stands before a broker, and can go away, come back, hang, and lose answers. */
export class Proxy {
  readonly #port: number;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #isStalled = false;
  /** Answers to produce requests to lose from now on. Each takes its connection with it. */
  answersToLose = 0;

  constructor(port: number, target: number) {
    this.#port = port;
    this.#target = target;
  }

  async open(): Promise<void> {
    if (this.#isStalled) await this.close();
    this.#isStalled = false;
    if (this.#server !== undefined) return;
    const server = createServer((near) => this.#join(near));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
  }

  #join(near: Socket): void {
    this.#keep(near);
    if (this.#isStalled) return;
    const far = connect(this.#target, '127.0.0.1');
    this.#keep(far);
    let isLosing = false;
    near.on('data', (request) => {
      // The client writes a request at a time: its length, then what it is.
      if (this.answersToLose > 0 && request.length > 6 && request.readInt16BE(4) === produce) {
        this.answersToLose -= 1;
        isLosing = true;
      }
      far.write(request);
    });
    far.on('data', (answer) => {
      if (isLosing) near.destroy();
      else near.write(answer);
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  stall(): Promise<void> {
    this.#isStalled = true;
    for (const socket of this.#sockets) socket.destroy();
    return Promise.resolve();
  }
}
