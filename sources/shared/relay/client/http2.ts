import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Connection } from '../connection.ts';
import type { Head } from '../head.ts';
import type { RawHeaders } from '../headers.ts';
import { asHttp2, withoutPseudo } from '../http2-headers.ts';
import type { Screened } from '../screen.ts';
import type { AnswerHead, BodySink, ClientSide } from '../sides.ts';

export interface Http2Request {
  readonly stream: ServerHttp2Stream;
  readonly screened: Screened;
  /** All of it: no body follows. */
  readonly isHeadOnly: boolean;
  /** What it wants to speak instead (extended CONNECT, RFC 8441); undefined: nothing else. */
  readonly upgrade: string | undefined;
}

/** One stream of a client that speaks HTTP/2. */
export class Http2Client implements ClientSide {
  readonly connection: Connection;
  readonly head: Head;
  readonly hasBody: boolean;
  readonly contentLength: number | undefined;
  readonly expectsContinue: boolean;
  readonly upgrade: string | undefined;
  readonly #stream: ServerHttp2Stream;
  #isSwitched = false;
  #trailers: RawHeaders = [];
  #answerTrailers: RawHeaders = [];

  constructor(
    { stream, screened, isHeadOnly, upgrade }: Http2Request,
    connection: Connection,
    head: Head,
  ) {
    this.connection = connection;
    this.head = head;
    this.contentLength = screened.contentLength;
    this.upgrade = upgrade;
    this.hasBody = !isHeadOnly && upgrade === undefined;
    this.expectsContinue = this.hasBody && head.header('expect')?.toLowerCase() === '100-continue';
    this.#stream = stream;
    // The date is the upstream's; the types do not know the property that says so.
    (stream as ServerHttp2Stream & { sendDate: boolean }).sendDate = false;
    stream.on('error', ignore);
    stream.on('trailers', (...[, , raw]: [unknown, unknown, string[]?]) => {
      this.#trailers = withoutPseudo(raw ?? []);
    });
  }

  readBody(sink: BodySink): void {
    this.#stream.on('data', (chunk: Buffer) => sink.onBody(chunk));
    this.#stream.on('end', () => sink.onBodyEnd());
  }

  pauseBody(): void {
    this.#stream.pause();
  }

  resumeBody(): void {
    this.#stream.resume();
  }

  trailers(): RawHeaders {
    return this.#trailers;
  }

  inform(status: number, rawHeaders: RawHeaders): void {
    if (this.#isGone() || this.#stream.headersSent) return;
    this.#stream.additionalHeaders({ ...asHttp2(rawHeaders), ':status': status });
  }

  respond({ status, rawHeaders, isWhole }: AnswerHead): void {
    if (this.#isGone()) return;
    const isHeadOnly =
      isWhole === true || this.head.method === 'HEAD' || status === 204 || status === 304;
    const stream = this.#stream;
    if (!isHeadOnly)
      stream.once('wantTrailers', () => stream.sendTrailers(asHttp2(this.#answerTrailers)));
    stream.respond(
      { ...asHttp2(rawHeaders), ':status': status },
      isHeadOnly ? { endStream: true } : { waitForTrailers: true },
    );
  }

  write(chunk: Uint8Array): boolean {
    return this.#isGone() || this.#stream.write(chunk);
  }

  end(chunk: Uint8Array | undefined, trailers: RawHeaders): void {
    if (this.#isGone()) return;
    this.#answerTrailers = trailers;
    if (chunk === undefined) this.#stream.end();
    else this.#stream.end(chunk);
  }

  onDrain(act: () => void): void {
    this.#stream.once('drain', act);
  }

  onDone(act: (isWhole: boolean) => void): void {
    const stream = this.#stream;
    // RFC 9113, 8.1: a whole answer before the end of the request ends with NO_ERROR.
    stream.once('close', () => {
      // A tunnel sees by itself how it ends.
      if (!this.#isSwitched)
        act(stream.writableFinished && stream.rstCode === constants.NGHTTP2_NO_ERROR);
    });
  }

  /** HTTP/2 has no 101: a 2xx says that the stream is the other protocol's, and the proof of the handshake is left out. */
  switchProtocol({ rawHeaders }: AnswerHead): { readonly socket: Duplex; readonly first: Buffer } {
    this.#isSwitched = true;
    const headers = asHttp2(rawHeaders);
    delete headers['sec-websocket-accept'];
    this.#stream.respond({ ...headers, ':status': 200 });
    return { socket: this.#stream, first: Buffer.alloc(0) };
  }

  cut(): void {
    // Behind a whole answer it is only the rest of the request that nobody wants.
    const { NGHTTP2_NO_ERROR, NGHTTP2_INTERNAL_ERROR } = constants;
    this.#stream.close(this.#stream.writableFinished ? NGHTTP2_NO_ERROR : NGHTTP2_INTERNAL_ERROR);
  }

  #isGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }
}

const ignore = (): void => undefined;
