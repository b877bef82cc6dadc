import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
} from 'node:http2';
import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import {
  classify,
  explainOutage,
  judgeStatus,
  onAbort,
  type PumpContext,
  readTls,
  retry,
  type Verdict,
} from '#pump';
import { refusedInMessage, type Said } from './answer.ts';
import { judgeCall } from './grpc-status.ts';
import type { Options } from './options.ts';
import type { Transport } from './transport.ts';

/**
 * OTLP/gRPC: one method, a request and an answer, which is little more than an HTTP/2 request with five bytes before its body and
 * the status behind its answer. So Node's HTTP/2 carries it, and no library does: theirs have retries, names, balancing and timers of
 * their own, which the courier has.
 *
 * One connection, made when it is wanted. One that has ended, or on which a request went unanswered to its deadline, is not used
 * again: what is under way on it ends there.
 */

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** What an answer has at most: it says how many were refused, and why. */
const mostOfAnswer = 1_048_576;

interface Target {
  readonly url: URL | undefined;
  /** Of the method. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isCompressed: boolean;
}

export async function openGrpcTransport(
  { url, path, headers, isCompressed }: Target,
  options: Options,
  { log }: Pick<PumpContext, 'log'>,
  signal: AbortSignal,
): Promise<Transport> {
  if (url === undefined) throw new Error('The address is no URL.');
  const tls = await readTls(options, signal);
  const connections = new Connections(() => connect(url.origin, tls));
  const head = {
    'user-agent': 'sluice',
    ...headers,
    ...{ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' },
    ...(isCompressed ? { 'grpc-encoding': 'gzip' } : {}),
  };
  return {
    async send(body, count, signal) {
      const message = isCompressed ? await compress(body, { level: constants.Z_BEST_SPEED }) : body;
      // A copy: nobody says when the connection has let go of a body.
      const frame = framed(message, isCompressed);
      const said = await meaningOf(await call(connections, head, frame, signal), {
        count,
        where: url.origin,
      });
      if (!said.ok) log.debug({ reason: reasonOf(said.verdict) }, 'The receiver took no request.');
      return said;
    },
    close: () => connections.close(),
  };
}

const reasonOf = (verdict: Verdict): string =>
  verdict.outcome === 'delivered' ? '' : verdict.failure.message;

/** Whether it is compressed, its size, the message. */
function framed(message: Uint8Array, isCompressed: boolean): Buffer {
  const frame = Buffer.allocUnsafe(5 + message.length);
  frame[0] = isCompressed ? 1 : 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}

/** What is in a frame; undefined where there is none. A server compresses its answer where the request was. */
async function messageIn(frame: Buffer): Promise<Buffer | undefined> {
  const message = frame.subarray(5);
  if (frame[0] === 0 && frame.length >= 5) return message;
  if (frame[0] !== 1) return undefined;
  return decompress(message, { maxOutputLength: mostOfAnswer }).catch(() => undefined);
}

class Connections {
  readonly #connect: () => ClientHttp2Session;
  readonly #open = new Set<ClientHttp2Session>();
  #current: Connection | undefined;

  constructor(connect: () => ClientHttp2Session) {
    this.#connect = connect;
  }

  get(): Connection {
    const current = this.#current;
    if (current !== undefined && !current.session.closed && !current.session.destroyed)
      return current;
    const session = this.#connect();
    const connection: Connection = { session, error: undefined };
    session.on('error', (error: Error) => {
      connection.error = error;
    });
    this.#open.add(session);
    session.on('close', () => this.#open.delete(session));
    this.#current = connection;
    return connection;
  }

  /** Takes no further request. One that is not there yet never was. */
  leave({ session }: Connection): void {
    if (this.#current?.session === session) this.#current = undefined;
    if (session.connecting) session.destroy();
    else session.close();
  }

  close(): void {
    for (const session of this.#open) session.destroy();
  }
}

interface Connection {
  readonly session: ClientHttp2Session;
  /** Why it ended. */
  error: Error | undefined;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What came before a request ended, however it did. */
interface Ended {
  readonly httpStatus: number | undefined;
  /** Of the answer and behind it. */
  readonly headers: Headers;
  readonly body: Buffer;
  readonly error: Error | undefined;
  readonly isAborted: boolean;
}

function call(
  connections: Connections,
  head: Record<string, string>,
  frame: Buffer,
  signal: AbortSignal,
): Promise<Ended> {
  if (signal.aborted) return Promise.resolve({ ...nothing, isAborted: true });
  const connection = connections.get();
  return new Promise((resolve) => {
    let stream: ClientHttp2Stream;
    try {
      stream = connection.session.request(head);
    } catch (error) {
      resolve({ ...nothing, error: error instanceof Error ? error : new Error(String(error)) });
      return;
    }
    let [headers, error, size]: [Headers, Error | undefined, number] = [{}, undefined, 0];
    let httpStatus: number | undefined;
    const chunks: Buffer[] = [];
    const forget = onAbort(signal, () => {
      connections.leave(connection);
      stream.destroy();
    });
    stream.on('response', (head: IncomingHttpHeaders) => {
      httpStatus = Number(head[':status']);
      headers = head;
    });
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      headers = { ...headers, ...trailers };
    });
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostOfAnswer) stream.destroy(new Error('the answer is too large'));
      else chunks.push(chunk);
    });
    stream.on('error', (reason: Error) => {
      error = reason;
    });
    stream.on('close', () => {
      forget();
      resolve({
        ...{ httpStatus, headers, body: Buffer.concat(chunks), isAborted: signal.aborted },
        error: connection.error ?? error,
      });
    });
    stream.end(frame);
  });
}

const nothing: Ended = {
  ...{ httpStatus: undefined, headers: {}, body: Buffer.alloc(0), isAborted: false },
  error: undefined,
};

async function meaningOf(
  { httpStatus, headers, body, error, isAborted }: Ended,
  { count, where }: { readonly count: number; readonly where: string },
): Promise<Said> {
  const refused = (verdict: Verdict): Said => ({ ok: false, verdict });
  const status = textOf(headers['grpc-status']);
  if (status === '' && httpStatus !== undefined && httpStatus !== 200) {
    const message = `The server answered ${httpStatus}, not as gRPC does.`;
    return refused(judgeStatus({ status: httpStatus }, { count, message }));
  }
  if (status === '') {
    if (isAborted)
      return refused(
        retry({ kind: 'timeout', message: `No answer from ${where} before the deadline.` }),
      );
    const verdict = classify(error ?? new Error('other side closed'));
    const reason = error === undefined ? 'other side closed' : explainOutage(error);
    const kind =
      error === undefined || verdict.outcome === 'delivered' ? 'unreachable' : verdict.failure.kind;
    return refused(
      retry({ kind, message: `No answer from ${where}: ${reason.replace(/\.$/, '')}.` }),
    );
  }
  if (status !== '0')
    return refused(
      judgeCall(
        {
          status: Number(status),
          message: textOf(headers['grpc-message']),
          details: textOf(headers['grpc-status-details-bin']),
        },
        count,
      ),
    );
  const message = await messageIn(body);
  const partly = message && refusedInMessage(message);
  return partly === undefined
    ? refused(retry({ kind: 'unexpected', message: 'The answer is none of a receiver of OTLP.' }))
    : { ok: true, refused: partly };
}

const textOf = (header: Headers[string]): string =>
  typeof header === 'string' ? header : (header?.[0] ?? '');
