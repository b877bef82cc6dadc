import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { buffer } from 'node:stream/consumers';
import type { TlsOptions } from 'node:tls';
import { gunzipSync, gzipSync } from 'node:zlib';
import { LocalServer } from '#pump/testing';

export interface GrpcRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it was before it was compressed. */
  readonly message: Buffer;
}

export interface GrpcReply {
  readonly status: number;
  readonly message?: Buffer;
  /** Behind the answer, or in its place. */
  readonly trailers?: Readonly<Record<string, string>>;
}

/** A server of gRPC, as far as one method needs one; it can go away, come back, and hang. */
export class FakeGrpcServer {
  readonly #local: LocalServer;
  readonly #scheme: 'http' | 'https';
  #isStalled = false;

  private constructor(answer: (request: GrpcRequest) => GrpcReply, tls?: TlsOptions) {
    this.#scheme = tls === undefined ? 'http' : 'https';
    this.#local = new LocalServer(() => {
      const server = tls === undefined ? createServer() : createSecureServer(tls);
      server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
        stream.on('error', () => undefined);
        this.#serve(stream, headers, answer).catch(() => stream.destroy());
      });
      return server;
    });
  }

  static async start(
    answer: (request: GrpcRequest) => GrpcReply,
    tls?: TlsOptions,
  ): Promise<FakeGrpcServer> {
    const server = new FakeGrpcServer(answer, tls);
    await server.listen();
    return server;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#local.port}`;
  }

  listen(): Promise<void> {
    this.#isStalled = false;
    return this.#local.listen();
  }

  close(): Promise<void> {
    return this.#local.close();
  }

  stall(): Promise<void> {
    this.#isStalled = true;
    return Promise.resolve();
  }

  async #serve(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    answer: (request: GrpcRequest) => GrpcReply,
  ): Promise<void> {
    const frame = await buffer(stream);
    if (this.#isStalled) return;
    const path = String(headers[':path']);
    const sent = frame.subarray(5);
    const {
      status,
      message = Buffer.alloc(0),
      trailers = {},
    } = answer({
      ...{ path, headers },
      message: frame[0] === 1 ? gunzipSync(sent) : sent,
    });
    const end = { 'grpc-status': String(status), ...trailers };
    const head = { ':status': 200, 'content-type': 'application/grpc' };
    if (status !== 0) {
      stream.respond({ ...head, ...end }, { endStream: true });
      return;
    }
    stream.respond(head, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(end));
    // As Go's library does.
    const said = frame[0] === 1 ? gzipSync(message) : message;
    const prefix = Buffer.from([frame[0] ?? 0, 0, 0, 0, 0]);
    prefix.writeUInt32BE(said.length, 1);
    stream.end(Buffer.concat([prefix, said]));
  }
}
