import type { ClientRequest, IncomingMessage } from 'node:http';
import { type Bytes, mebibytes } from '../../lib/units.ts';
import { onAbort } from '../../lib/waiting.ts';

/** An answer as it came: what is used of the library’s. */
export interface RawAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** An answer came, and is not one that can be read; the message says why. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer';
}

export const tooLarge = (statusCode: number, most: Bytes): UnreadableAnswer =>
  new UnreadableAnswer(
    `the answer with status ${statusCode} has more than ${most / mebibytes(1)} MiB; what it says was not read`,
  );

/**
 * Sends a request's body and reads the answer, up to so many bytes. Rejects where there is none.
 *
 * The body is lent: whoever gave it may write over it once this has settled, and not before. So it does not settle with
 * the last byte of the answer, or when it is aborted, but once nothing can be read from the body any more: all of it has
 * been handed to the system, or the connection is closed. A server that answers before it has heard everything is heard
 * out, and told no more.
 */
export function exchange(
  request: ClientRequest,
  { body, most }: { readonly body: Uint8Array | undefined; readonly most: Bytes },
  signal: AbortSignal,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let answer: RawAnswer | undefined;
    let failure: Error | undefined;
    // The request is done with its connection; its answer, where one began, is read or lost.
    let [isClosed, isRead] = [false, true];
    const fail = (error: Error): void => {
      failure ??= error;
    };
    const settle = (): void => {
      if (!isClosed || !isRead) return;
      forget();
      if (answer === undefined) reject(failure ?? otherSideClosed());
      else resolve(answer);
    };
    const read = (): void => {
      isRead = true;
      settle();
    };
    const giveUp = (error: Error): void => {
      fail(error);
      request.destroy();
      // No connection yet, and now none that would get to see the body.
      if (request.socket !== null) return;
      isClosed = true;
      settle();
    };
    const forget = onAbort(signal, () => giveUp(signal.reason as Error));
    request.on('response', (message) => {
      isRead = false;
      collect(message, most, {
        failed: giveUp,
        whole: (whole) => {
          if (failure === undefined) answer = whole;
          if (!request.writableFinished) request.destroy();
        },
      });
      message.on('close', read);
    });
    request.on('error', (error) => fail(isHangUp(error) ? otherSideClosed() : error));
    request.on('close', () => {
      isClosed = true;
      settle();
    });
    request.end(body);
  });
}

interface Reader {
  whole(answer: RawAnswer): void;
  failed(error: Error): void;
}

function collect(message: IncomingMessage, most: Bytes, reader: Reader): void {
  const { statusCode = 0, headers } = message;
  const chunks: Buffer[] = [];
  let size = 0;
  message.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > most) reader.failed(tooLarge(statusCode, most));
    else chunks.push(chunk);
  });
  message.on('end', () => {
    const [only] = chunks;
    const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
    reader.whole({ statusCode, headers, body });
  });
  message.on('error', (error) => reader.failed(isHangUp(error) ? otherSideClosed() : error));
}

/** What Node says of a connection that ended before the answer did, in two words of its own. */
const isHangUp = ({ message }: Error): boolean =>
  message === 'socket hang up' || message === 'aborted';

const otherSideClosed = (): Error =>
  Object.assign(new Error('other side closed'), { code: 'ECONNRESET' });
