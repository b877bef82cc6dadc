import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { Endpoint } from '#source';
import type { RawHeaders } from '../headers.ts';
import { asHttp2, withoutPseudo } from '../http2-headers.ts';
import type { AnswerHead, UpstreamEvents, UpstreamSide } from '../sides.ts';
import { switchedHead, withoutKey } from './http2-handshake.ts';
import { countStream } from './http2-session.ts';

export interface Http2Head {
  readonly method: string;
  readonly target: string;
  readonly scheme: string;
  readonly authority: string;
  readonly headers: RawHeaders;
  readonly hasBody: boolean;
  /** What it asks to speak in the stream (extended CONNECT); undefined: nothing else. */
  readonly protocol: string | undefined;
}

/** A call over HTTP/2: one stream of a session. */
export class Http2Upstream implements UpstreamSide {
  readonly server: Endpoint | undefined;
  readonly isReused: boolean;
  readonly #stream: ClientHttp2Stream;
  readonly #events: UpstreamEvents;
  readonly #head: Http2Head;
  #answerTrailers: RawHeaders = [];
  #trailers: RawHeaders = [];
  #isOver = false;

  /** Throws where the head cannot be written. */
  constructor(
    head: Http2Head,
    session: ClientHttp2Session,
    isReused: boolean,
    events: UpstreamEvents,
  ) {
    const { remoteAddress, remotePort } = session.socket;
    this.server =
      remoteAddress === undefined ? undefined : { address: remoteAddress, port: remotePort ?? 0 };
    this.isReused = isReused;
    this.#events = events;
    this.#head = head;
    const { protocol } = head;
    const stream = session.request(
      {
        ...asHttp2(protocol === undefined ? head.headers : withoutKey(head.headers)),
        ':method': protocol === undefined ? head.method : 'CONNECT',
        ...(protocol === undefined ? {} : { ':protocol': protocol }),
        ':path': head.target,
        ':scheme': head.scheme,
        ':authority': head.authority,
      },
      head.hasBody
        ? { endStream: false, waitForTrailers: true }
        : { endStream: protocol === undefined },
    );
    this.#stream = stream;
    countStream(session, 1);
    stream.once('close', () => countStream(session, -1));
    this.#listen(stream);
  }

  write(chunk: Uint8Array): boolean {
    return this.#stream.destroyed || this.#stream.write(chunk);
  }

  end(trailers: RawHeaders, chunk?: Uint8Array): void {
    // What ends is the request, which has no body; the stream is to become the other protocol's.
    if (this.#head.protocol !== undefined) return;
    this.#trailers = trailers;
    if (this.#stream.writableEnded || this.#stream.destroyed) return;
    if (chunk === undefined) this.#stream.end();
    else this.#stream.end(chunk);
  }

  resume(): void {
    this.#stream.resume();
  }

  abort(): void {
    this.#isOver = true;
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #listen(stream: ClientHttp2Stream): void {
    const events = this.#events;
    stream.once('wantTrailers', () => stream.sendTrailers(asHttp2(this.#trailers)));
    stream.on('headers', (...[headers, , raw]: [IncomingHttpHeaders, unknown, string[]?]) => {
      const { ':status': status } = headers as IncomingHttpHeaders & { ':status'?: number };
      if (!this.#isOver) events.onInform(status ?? 0, withoutPseudo(raw ?? []));
    });
    // Node tells a 100 by this alone.
    stream.on('continue', () => {
      if (!this.#isOver) events.onInform(100, []);
    });
    stream.on('response', (...[headers, flags, raw]: [IncomingHttpHeaders, number, string[]?]) => {
      const { ':status': status = 0 } = headers as IncomingHttpHeaders & { ':status'?: number };
      const isWhole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      if (this.#isOver) return;
      const head = answerHead(status, withoutPseudo(raw ?? []));
      const { protocol } = this.#head;
      if (protocol !== undefined && status < 300) {
        this.#switch(head, protocol);
        return;
      }
      // Refused: nothing more is said to it, and a stream that nobody ends stays open.
      if (protocol !== undefined) stream.end();
      events.onHead({ ...head, isWhole });
    });
    stream.on('trailers', (...[, , raw]: [unknown, unknown, string[]?]) => {
      this.#answerTrailers = withoutPseudo(raw ?? []);
    });
    stream.on('data', (chunk: Buffer) => {
      if (!this.#isOver && !events.onData(chunk)) stream.pause();
    });
    stream.on('drain', () => {
      if (!this.#isOver) events.onDrain();
    });
    // A stream that is reset ends as well; only its close says which it was.
    stream.once('close', () => {
      if (this.#isOver) return;
      this.#isOver = true;
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR && stream.readableEnded)
        events.onEnd(this.#answerTrailers);
      else events.onFailure(brokenStream(stream.rstCode));
    });
    stream.on('end', () => {
      if (this.#isOver || stream.rstCode !== constants.NGHTTP2_NO_ERROR || stream.aborted) return;
      this.#isOver = true;
      events.onEnd(this.#answerTrailers);
    });
    stream.on('error', (error: Error) => {
      if (this.#isOver) return;
      this.#isOver = true;
      events.onFailure(error);
    });
  }

  /** The stream is whoever's takes it; nothing more is heard of it here. */
  #switch(head: AnswerHead, protocol: string): void {
    this.#isOver = true;
    const { headers } = this.#head;
    this.#events.onSwitch(switchedHead(head, { protocol, headers }), this.#stream, Buffer.alloc(0));
  }
}

/** Trailers may follow a length in HTTP/2, so the end of the stream is waited for. */
const answerHead = (status: number, rawHeaders: RawHeaders): AnswerHead => ({
  ...{ status, reason: '', rawHeaders, httpVersion: '2.0', length: undefined },
});

const brokenStream = (code: number | undefined): Error =>
  Object.assign(new Error('the stream was reset'), { code: `ERR_HTTP2_RESET_${code ?? 0}` });
