import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { onAbort } from '#pump';
import type { Connection, Connections } from './connections.ts';
import { mostOfAnswer } from './frame.ts';

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What came before a request ended, however it did. */
export interface Ended {
  readonly httpStatus: number | undefined;
  /** Of the answer and behind it. */
  readonly headers: Headers;
  readonly body: Buffer;
  readonly error: Error | undefined;
  readonly isAborted: boolean;
}

const nothing: Ended = {
  ...{ httpStatus: undefined, headers: {}, body: Buffer.alloc(0), isAborted: false },
  error: undefined,
};

/** Sends a frame once. Never rejects. */
export function call(
  connections: Connections,
  head: Record<string, string>,
  frame: Buffer,
  signal: AbortSignal,
): Promise<Ended> {
  if (signal.aborted) return Promise.resolve({ ...nothing, isAborted: true });
  const connection = connections.get();
  return new Promise((resolve) => {
    const stream = begun(connection, head);
    if (stream instanceof Error) {
      resolve({ ...nothing, error: stream });
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

/** A connection may end between two looks at it. */
function begun({ session }: Connection, head: Record<string, string>): ClientHttp2Stream | Error {
  try {
    return session.request(head);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
