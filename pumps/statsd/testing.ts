import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { LocalServer } from '#pump/testing';

/** Keeps every line it is sent; may go away, come back, and stop reading. */
export interface LineReceiver {
  readonly address: string;
  /** What came so far, once nothing more is on the way. */
  lines(): Promise<readonly string[]>;
  open(): Promise<void>;
  close(): Promise<void>;
}

const linesOf = (chunks: readonly Buffer[]): readonly string[] =>
  Buffer.concat(chunks)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');

/** Waits until a quiet turn: datagrams on this machine are at the socket when the sender hears that they are sent. */
async function quiet(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

export class UdpReceiver implements LineReceiver {
  readonly datagrams: Buffer[] = [];
  readonly #socket: Datagrams = createSocket({ type: 'udp4', recvBufferSize: 1 << 22 });

  async open(): Promise<void> {
    if (this.datagrams.length > 0 || this.#isBound) return;
    this.#isBound = true;
    this.#socket.on('message', (datagram) => this.datagrams.push(datagram));
    await new Promise<void>((resolve) => this.#socket.bind(0, '127.0.0.1', resolve));
  }
  #isBound = false;

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  async lines(): Promise<readonly string[]> {
    await quiet(() => this.datagrams.length);
    return this.datagrams.flatMap((datagram) => linesOf([datagram]));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}

/** Reads to the end of each connection, then closes it, as daemons do. */
export class TcpReceiver implements LineReceiver {
  readonly #chunks = new Map<Socket, Buffer[]>();
  readonly #local = new LocalServer(() =>
    createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => this.#take(socket)),
  );
  #isStalled = false;

  get address(): string {
    return `tcp://127.0.0.1:${this.#local.port}`;
  }

  open(): Promise<void> {
    this.#isStalled = false;
    return this.#local.listen();
  }

  #take(socket: Socket): void {
    // While stalled it neither reads nor closes.
    if (this.#isStalled) return;
    const chunks: Buffer[] = [];
    this.#chunks.set(socket, chunks);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => socket.end());
    socket.resume();
  }

  stall(): void {
    this.#isStalled = true;
  }

  lines(): Promise<readonly string[]> {
    return Promise.resolve([...this.#chunks.values()].flatMap(linesOf));
  }

  close(): Promise<void> {
    return this.#local.close();
  }
}
