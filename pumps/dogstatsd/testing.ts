import { createSocket, type Socket } from 'node:dgram';
import type { EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Keeps the lines of the datagrams it is sent. */
export class UdpReceiver {
  readonly datagrams: Buffer[] = [];
  readonly #socket: Socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 22 });

  async open(): Promise<void> {
    this.#socket.on('message', (datagram) => this.datagrams.push(datagram));
    await new Promise<void>((resolve) => this.#socket.bind(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return this.#socket.address().port;
  }

  lines(): Promise<readonly string[]> {
    return linesOf(this.datagrams);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}

/** Waits for a quiet moment: datagrams on this machine are at the socket when the sender hears that they are sent. */
async function linesOf(datagrams: readonly Buffer[]): Promise<readonly string[]> {
  for (let before = -1; before !== datagrams.length; ) {
    before = datagrams.length;
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  return datagrams.flatMap((datagram) => datagram.toString('utf8').split('\n'));
}

/** The part of unix-dgram, which has no types, that a receiver needs. */
interface UnixDgram {
  createSocket(type: 'unix_dgram'): EventEmitter & { bind(path: string): void; close(): void };
}

/** The same at a Unix socket, which can go away and come back. */
export class UnixReceiver {
  readonly datagrams: Buffer[] = [];
  readonly path: string;
  readonly #folder: string;
  readonly #library: UnixDgram;
  #socket: ReturnType<UnixDgram['createSocket']> | undefined;

  private constructor(folder: string, library: UnixDgram) {
    this.#folder = folder;
    this.#library = library;
    this.path = path.join(folder, 's');
  }

  /** Rejects where unix-dgram was not compiled. */
  static async create(): Promise<UnixReceiver> {
    const name = 'unix-dgram';
    const library = (await import(name)) as { readonly default: UnixDgram };
    const receiver = new UnixReceiver(
      await mkdtemp(path.join(tmpdir(), 'sluice-uds-')),
      library.default,
    );
    receiver.open();
    return receiver;
  }

  open(): void {
    if (this.#socket !== undefined) return;
    this.#socket = this.#library.createSocket('unix_dgram');
    this.#socket.on('message', (datagram: Buffer) => this.datagrams.push(Buffer.from(datagram)));
    this.#socket.bind(this.path);
  }

  async break(): Promise<void> {
    this.#socket?.close();
    this.#socket = undefined;
    await rm(this.path, { force: true });
  }

  lines(): Promise<readonly string[]> {
    return linesOf(this.datagrams);
  }

  async close(): Promise<void> {
    await this.break();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
