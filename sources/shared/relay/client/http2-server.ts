import { randomBytes } from 'node:crypto';
import {
  constants,
  createServer,
  type IncomingHttpHeaders,
  type Http2Server as NodeServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { answerOf } from '../answer.ts';
import { Call } from '../call.ts';
import type { Connection } from '../connection.ts';
import { Head } from '../head.ts';
import { asHttp2, withoutPseudo } from '../http2-headers.ts';
import type { RelayParts } from '../parts.ts';
import { screenHttp2 } from '../screen.ts';
import { Http2Client } from './http2.ts';

/** Requests at a time on one connection: as many as browsers are told elsewhere. */
const streams = 128;

/** Node's server for HTTP/2, which listens nowhere: connections are given to it. */
export class Http2Server {
  readonly #parts: RelayParts;
  readonly #server: NodeServer;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #connections = new WeakMap<ServerHttp2Session, Connection>();
  /** Whose session is being made: Node makes it while it is given the socket. */
  #arriving: Connection | undefined;

  constructor(parts: RelayParts) {
    const { limits } = parts;
    this.#parts = parts;
    this.#server = createServer({
      settings: {
        ...{ maxHeaderListSize: limits.headerBytes, maxConcurrentStreams: streams },
        enableConnectProtocol: true,
      },
      // Bytes are what counts; the default of 128 pairs is less than HTTP/1.1 may have here.
      maxHeaderListPairs: limits.headerBytes / 32,
    });
    this.#server.on('session', (session) => this.#onSession(session));
    this.#server.on('sessionError', ignore);
    this.#server.on(
      'stream',
      (
        ...[stream, headers, flags, raw]: [
          ServerHttp2Stream,
          IncomingHttpHeaders,
          number,
          string[]?,
        ]
      ) => this.#onStream(stream, headers, flags, raw ?? []),
    );
  }

  serve(connection: Connection): void {
    const { socket } = connection;
    // The socket may be half-open, which HTTP/2 has no use for; Node's session does not hear that the client has gone.
    socket.once('end', () => socket.destroy());
    this.#arriving = connection;
    this.#server.emit('connection', socket);
    this.#arriving = undefined;
  }

  /** No more requests; those under way end. */
  closeGently(): void {
    for (const session of this.#sessions) session.close();
  }

  #onSession(session: ServerHttp2Session): void {
    if (this.#arriving === undefined) return;
    this.#connections.set(session, this.#arriving);
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
    session.setTimeout(this.#parts.limits.clientIdle, () => {
      // Calls have bounds of their own.
      if (this.#connections.get(session)?.calls.size === 0) session.close();
    });
  }

  #onStream(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    flags: number,
    raw: readonly string[],
  ): void {
    const connection =
      stream.session === undefined
        ? undefined
        : this.#connections.get(stream.session as ServerHttp2Session);
    if (connection === undefined) {
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    const rawHeaders = withoutPseudo(raw);
    const authority = headers[':authority'];
    const protocol = (headers as { readonly ':protocol'?: string })[':protocol'];
    const upgrade =
      headers[':method'] === 'CONNECT' && protocol === 'websocket' ? protocol : undefined;
    // Whoever decides sees the handshake that it is in HTTP/1.1, which an upstream is asked for it in.
    const method = upgrade === undefined ? (headers[':method'] ?? '') : 'GET';
    if (upgrade !== undefined && !rawHeaders.includes('sec-websocket-key'))
      rawHeaders.push('sec-websocket-key', randomBytes(16).toString('base64'));
    const target = headers[':path'] ?? headers[':authority'] ?? '';
    const screened =
      method === 'CONNECT'
        ? ({ reason: 'connect', words: 'Of CONNECT, HTTP/2 serves WebSockets alone' } as const)
        : screenHttp2({ method, path: target, authority }, rawHeaders);
    if ('reason' in screened) {
      this.#parts.meter.refused(screened.reason);
      refuse(stream, `${screened.words}.`, screened.reason === 'connect' ? 405 : 400);
      return;
    }
    // As HTTP/1.1 has it, so that nobody need ask which of the two it was.
    if (authority !== undefined && headers.host === undefined)
      rawHeaders.unshift('host', authority);
    const { direction, limits } = this.#parts;
    const head = new Head(
      { method, target, host: screened.host, rawHeaders, httpVersion: '2.0' },
      connection,
      direction,
    );
    const isHeadOnly = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    new Call(
      new Http2Client({ stream, screened, isHeadOnly, upgrade }, connection, head),
      this.#parts,
    ).begin();
    connection.requests += 1;
    if (limits.requestsPerConnection > 0 && connection.requests === limits.requestsPerConnection)
      (stream.session as ServerHttp2Session).close();
  }
}

function refuse(stream: ServerHttp2Stream, words: string, status: number): void {
  stream.on('error', ignore);
  const { headers, body } = answerOf(status, words);
  stream.respond({ ...asHttp2(headers), ':status': status });
  stream.end(body);
  stream.resume();
}

const ignore = (): void => undefined;
