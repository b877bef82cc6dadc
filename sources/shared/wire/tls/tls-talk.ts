import { type ClientHello, longestClientHello, readClientHello } from '../../tls/client-hello.ts';
import { readServerHello, type ServerHello } from '../../tls/server-hello.ts';
import { ignored, type Scene, type Side, type Stretch, type Talk } from '../talk.ts';
import { Backlog } from './backlog.ts';
import { OpenTalk } from './open-talk.ts';
import type { TlsOutcome } from './outcome.ts';
import { suiteOf } from './suites.ts';
import { WaitingTalk } from './waiting-talk.ts';

/** What is kept of a server until its first message is whole. */
const longestServerStart = 16_384;

/** TLS: what both sides say in the clear is read, and what comes behind it where the secrets of the session are known; nothing else. */
export class TlsTalk implements Talk {
  readonly #scene: Scene;
  readonly #backlog: Backlog | undefined;
  #client: Buffer | undefined = Buffer.alloc(0);
  #server: Buffer = Buffer.alloc(0);
  #hello: ClientHello | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#backlog = scene.secrets === undefined ? undefined : new Backlog(scene.tally);
  }

  data(from: Side, stretch: Stretch): void {
    this.#backlog?.data(from, stretch);
    const bytes = stretch.bytes.subarray(stretch.start, stretch.end);
    if (from === 0) this.#readClient(bytes);
    else this.#readServer(bytes);
  }

  gap(): void {
    this.#leave('gap');
  }

  finish(from: Side, time: number): void {
    this.#backlog?.finish(from, time);
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
    this.#hello = reading.hello;
    this.#scene.counts.handshake(reading.hello.serverName ?? '');
  }

  #readServer(bytes: Buffer): void {
    this.#server = this.#keep(this.#server, bytes);
    const hello = readServerHello(this.#server);
    if (hello === 'more' && this.#server.length <= longestServerStart) return;
    if (this.#client === undefined && this.#server.toString('latin1', 0, 7) === 'HTTP/1.') {
      this.#scene.counts.tlsRefused();
      this.#leave();
      return;
    }
    const isRead = hello !== undefined && hello !== 'more';
    if (this.#client === undefined)
      this.#scene.handshake(
        isRead ? hello.version : 'unknown',
        (isRead && hello.alpn) || 'unknown',
      );
    if (isRead && this.#hello !== undefined && this.#backlog !== undefined)
      this.#goOn(this.#hello, hello, this.#backlog);
    else this.#leave();
  }

  /** Looks for the secrets, by the client's random. */
  #goOn(client: ClientHello, server: ServerHello, backlog: Backlog): void {
    const scene = this.#scene;
    const [suite, { version }] = [suiteOf(server.suite), server];
    if (scene.secrets === undefined || (version !== 'TLSv1.2' && version !== 'TLSv1.3')) {
      this.#leave('version');
      return;
    }
    const is13 = version === 'TLSv1.3';
    if (suite === undefined || server.compression !== 0) {
      this.#leave('suite');
      return;
    }
    if (is13 && client.offersEarlyData) {
      this.#leave('early-data');
      return;
    }
    const { secrets } = scene;
    const open = (): Talk | undefined => {
      const known = secrets.of(client.random, version);
      if (known === undefined) return undefined;
      const randoms = { client: client.random, server: server.random };
      const { serverName } = client;
      return new OpenTalk(scene, { suite, randoms, serverName, alpn: server.alpn }, known);
    };
    const waiting = new WaitingTalk(scene, backlog, open);
    this.#forget();
    scene.become(waiting);
    waiting.look();
    if (waiting.isOver) return;
    const look = (): void => waiting.look();
    if (!secrets.wait(client.random, { look, giveUp: () => waiting.giveUp() })) waiting.giveUp();
  }

  #keep(held: Buffer, bytes: Buffer): Buffer {
    this.#scene.tally.held += bytes.length;
    return Buffer.concat([held, bytes]);
  }

  #drop(held: Buffer): void {
    this.#scene.tally.held -= held.length;
  }

  /** What was kept to read the first messages. */
  #forget(): void {
    if (this.#client !== undefined) this.#drop(this.#client);
    this.#drop(this.#server);
    this.#client = undefined;
    this.#server = Buffer.alloc(0);
  }

  /** `why` left out: it is not known what it is. */
  #leave(why?: TlsOutcome): void {
    // What the client asked for was not seen as a whole: it counts by its kind, not as a handshake.
    if (this.#client !== undefined) this.#scene.counts.recognise('tls');
    this.#forget();
    this.#backlog?.drop();
    if (why !== undefined && this.#backlog !== undefined) this.#scene.decryption(why);
    this.#scene.become(ignored);
  }
}
