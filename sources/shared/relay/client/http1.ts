import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection } from '../connection.ts';
import type { Head } from '../head.ts';
import type { RawHeaders } from '../headers.ts';
import type { Screened } from '../screen.ts';
import { whenSettled } from '../settled.ts';
import type { AnswerHead, BodySink, ClientSide } from '../sides.ts';

/** A request that took its socket away from the parser: it asks for another protocol. */
interface Detached {
  readonly socket: Duplex;
  readonly first: Buffer;
  /** Undefined: for something that is not offered, so it is a request like any other. */
  readonly protocol: string | undefined;
}

export interface Http1Request {
  readonly request: IncomingMessage;
  /** Undefined: the socket is detached, so an answer is made for it here. */
  readonly response: ServerResponse | undefined;
  readonly expectsContinue: boolean;
  readonly screened: Screened;
  readonly detached: Detached | undefined;
}

/** A client that speaks HTTP/1.1, through Node's server. */
export class Http1Client implements ClientSide {
  readonly connection: Connection;
  readonly head: Head;
  readonly hasBody: boolean;
  readonly contentLength: number | undefined;
  readonly expectsContinue: boolean;
  readonly upgrade: string | undefined;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #detached: Detached | undefined;

  constructor(seen: Http1Request, connection: Connection, head: Head) {
    const { request, screened, detached } = seen;
    this.connection = connection;
    this.head = head;
    this.contentLength = screened.contentLength;
    this.hasBody = screened.isChunked || (screened.contentLength ?? 0) > 0;
    this.expectsContinue = seen.expectsContinue && this.hasBody;
    this.upgrade = detached?.protocol;
    this.#request = request;
    this.#detached = detached;
    this.#response = seen.response ?? attachedResponse(request, connection.socket);
    // The date is the upstream's. What cannot be written any more is known from the connection.
    this.#response.sendDate = false;
    this.#response.on('error', ignore);
  }

  readBody(sink: BodySink): void {
    this.#request.on('data', (chunk: Buffer) => sink.onBody(chunk));
    this.#request.on('end', () => sink.onBodyEnd());
  }

  pauseBody(): void {
    this.#request.pause();
    whenSettled(() => {
      if (this.#request.isPaused()) this.#request.socket.pause();
    });
  }

  resumeBody(): void {
    this.#request.resume();
    // By itself it would, too, but only where it had stopped it itself.
    this.#request.socket.resume();
  }

  trailers(): RawHeaders {
    return this.#request.rawTrailers;
  }

  inform(status: number, rawHeaders: RawHeaders): void {
    const { socket } = this.#response;
    // Answers of 1xx are for HTTP/1.1, and for the request whose turn it is.
    if (this.head.httpVersion !== '1.1' || socket?.writable !== true) return;
    if (this.#response.headersSent) return;
    socket.write(headText(status, STATUS_CODES[status] ?? '', rawHeaders), 'latin1');
  }

  respond({ status, reason, rawHeaders }: AnswerHead, isLast: boolean): void {
    if (isLast) this.#response.shouldKeepAlive = false;
    this.#response.writeHead(
      status,
      reason || (STATUS_CODES[status] ?? ''),
      rawHeaders as string[],
    );
  }

  write(chunk: Uint8Array): boolean {
    return this.#response.write(chunk);
  }

  end(chunk: Uint8Array | undefined, trailers: RawHeaders): void {
    if (trailers.length > 0) this.#response.addTrailers(pairsOf(trailers));
    if (chunk === undefined) this.#response.end();
    else this.#response.end(chunk);
  }

  onDrain(act: () => void): void {
    this.#response.once('drain', act);
  }

  onDone(act: (isWhole: boolean) => void): void {
    this.#response.once('close', () => act(this.#response.writableFinished));
  }

  switchProtocol({ status, reason, rawHeaders }: AnswerHead): {
    readonly socket: Duplex;
    readonly first: Buffer;
  } {
    const { socket } = this.connection;
    this.#response.detachSocket(this.#response.socket ?? this.#request.socket);
    socket.write(headText(status, reason, rawHeaders), 'latin1');
    return { socket, first: this.#detached?.first ?? Buffer.alloc(0) };
  }

  cut(): void {
    this.connection.socket.destroy();
  }
}

/** Node makes none where it has detached the socket. The connection ends with the answer. */
function attachedResponse(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(request.socket);
  response.once('finish', () => {
    response.detachSocket(request.socket);
    socket.end();
    // As after any other answer; the server does this for those that it makes.
    response.emit('close');
  });
  return response;
}

function headText(status: number, reason: string, rawHeaders: RawHeaders): string {
  let text = `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    text += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  return `${text}\r\n`;
}

const pairsOf = (raw: RawHeaders): [string, string][] => {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return pairs;
};

const ignore = (): void => undefined;
