import { longestClientHello, readClientHello } from '../tls/client-hello.ts';
import { readServerHello } from '../tls/server-hello.ts';
import { ignored, type Scene, type Side, type Stretch, type Talk } from './talk.ts';

/** What is kept of a server until its first message is whole. */
const longestServerStart = 16_384;

/** TLS: what both sides say in the clear is read, and nothing of what comes behind it. */
export class TlsTalk implements Talk {
  readonly #scene: Scene;
  #client: Buffer | undefined = Buffer.alloc(0);
  #server: Buffer = Buffer.alloc(0);

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  data(from: Side, { bytes, start, end }: Stretch): void {
    if (from === 0) this.#readClient(bytes.subarray(start, end));
    else this.#readServer(bytes.subarray(start, end));
  }

  gap(): void {
    this.#leave();
  }

  finish(): void {
    // It is over with `close`.
  }

  close(): void {
    this.#leave();
  }

  #readClient(bytes: Buffer): void {
    if (this.#client === undefined) return;
    this.#client = this.#keep(this.#client, bytes);
    const reading = readClientHello(this.#client);
    if (reading.kind === 'more' && this.#client.length <= longestClientHello) return;
    this.#drop(this.#client);
    this.#client = undefined;
    if (reading.kind !== 'hello') {
      this.#scene.counts.unparsed();
      this.#leave();
      return;
    }
    this.#scene.counts.handshake(reading.hello.serverName ?? '');
  }

  #readServer(bytes: Buffer): void {
    this.#server = this.#keep(this.#server, bytes);
    const hello = readServerHello(this.#server);
    if (hello === 'more' && this.#server.length <= longestServerStart) return;
    const isRead = hello !== undefined && hello !== 'more';
    if (this.#client === undefined)
      this.#scene.handshake(
        isRead ? hello.version : 'unknown',
        (isRead && hello.alpn) || 'unknown',
      );
    this.#leave();
  }

  #keep(held: Buffer, bytes: Buffer): Buffer {
    this.#scene.tally.held += bytes.length;
    return Buffer.concat([held, bytes]);
  }

  #drop(held: Buffer): void {
    this.#scene.tally.held -= held.length;
  }

  #leave(): void {
    if (this.#client !== undefined) {
      this.#drop(this.#client);
      // What the client asked for was not seen as a whole: it counts by its kind, not as a handshake.
      this.#scene.counts.recognise('tls');
    }
    this.#drop(this.#server);
    this.#client = undefined;
    this.#server = Buffer.alloc(0);
    this.#scene.become(ignored);
  }
}
