import { type Clock, seconds } from '#source';
import type { BodyKeeper } from './body-keeper.ts';
import type { BodySink, ClientSide, UpstreamSide } from './sides.ts';

/** How long a client may go on with a request that has been answered. */
const lingering = seconds(5);

/**
 * The body of a request on its way to the upstream. It is never held: an upstream that takes no more stops the client from
 * being read. Behind an answer what is left of it is read and forgotten, for a while: so the client reads the answer first.
 */
export class RequestFlow implements BodySink {
  /** All of the request is there. */
  isComplete: boolean;
  /** It goes to the upstream. */
  isReading = false;
  /** The upstream takes no more. */
  isBlocked = false;
  readonly #client: ClientSide;
  readonly #kept: BodyKeeper;
  readonly #onComplete: () => void;
  #upstream: UpstreamSide | undefined;
  /** The client was asked for the body. */
  #isAsked = false;
  /** Nobody has ever wanted it: it is not counted. */
  #isUnwanted = false;
  #callOff: (() => void) | undefined;

  /** `onComplete` is called when the last byte is there, before the upstream gets it. */
  constructor(client: ClientSide, kept: BodyKeeper, onComplete: () => void) {
    this.#client = client;
    this.#kept = kept;
    this.#onComplete = onComplete;
    this.isComplete = !client.hasBody;
  }

  /** A client that waits for a 100 is left waiting until `read`. */
  start(upstream: UpstreamSide): void {
    this.#upstream = upstream;
    if (!this.#client.hasBody) upstream.end([]);
    else if (!this.#client.expectsContinue) this.read();
  }

  read(): void {
    if (!this.#client.hasBody || this.isReading) return;
    this.isReading = true;
    this.#ask();
  }

  /** The upstream takes more. */
  resume(): void {
    this.isBlocked = false;
    if (this.isReading) this.#client.resumeBody();
  }

  /** Nothing more goes to the upstream. */
  discard(clock: Clock): void {
    this.isReading = false;
    if (this.isComplete) return;
    const callOff = clock.after(lingering, () => this.#client.cut());
    this.#callOff = callOff;
    this.#client.connection.socket.once('close', callOff);
    if (!this.#isAsked) {
      this.#isUnwanted = true;
      this.#ask();
    }
    this.#client.resumeBody();
  }

  onBody(chunk: Buffer): void {
    if (this.#isUnwanted) return;
    this.#kept.take(chunk);
    if (!this.isReading || this.#upstream === undefined) return;
    const { contentLength, head } = this.#client;
    if (this.#kept.length === contentLength && head.httpVersion !== '2.0') {
      // With its last bytes, which spares a write; there are no trailers where there is a length in HTTP/1.1.
      this.#ended(chunk);
    } else if (!this.#upstream.write(chunk)) {
      this.isBlocked = true;
      this.#client.pauseBody();
    }
  }

  onBodyEnd(): void {
    if (!this.isComplete) this.#ended(undefined);
  }

  #ask(): void {
    this.#isAsked = true;
    this.#client.readBody(this);
  }

  #ended(chunk: Uint8Array | undefined): void {
    this.isComplete = true;
    this.#callOff?.();
    this.#onComplete();
    if (this.isReading) this.#upstream?.end(this.#client.trailers(), chunk);
  }
}
