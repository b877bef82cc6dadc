import { seconds } from '#source';
import { answerBytes } from '../answer.ts';
import type { Connection } from '../connection.ts';
import type { RelayParts } from '../parts.ts';

/** How long a refused client may take to read why. */
const lingering = seconds(2);

/**
 * Answers on the bare socket and ends the connection: nobody knows where the next request would begin. What the client
 * still sends is thrown away unread for a moment, because a connection that is closed over unread bytes is reset, and the
 * reset would take the answer with it.
 */
export function refuseOn(
  connection: Connection,
  {
    reason,
    status,
    words,
  }: { readonly reason: string; readonly status: number; readonly words: string },
  { context, meter, quietLog }: Pick<RelayParts, 'context' | 'meter' | 'quietLog'>,
): void {
  connection.isRefused = true;
  meter.refused(reason);
  quietLog.warn(
    { reason, status, client: connection.client.address, words },
    'A request was refused before anybody was asked, and its connection closed',
  );
  const { socket } = connection;
  for (const call of connection.calls.everyone) call.clientGone();
  if (socket.writable) socket.end(answerBytes(status, words));
  socket.resume();
  const callOff = context.clock.after(lingering, () => socket.destroy());
  socket.once('close', callOff);
}

/** What Node's parser says of a request, as the reason of `sluice_capture_refused_total`; undefined: the socket broke. */
export function refusalOfError({
  code = '',
}: NodeJS.ErrnoException):
  | { readonly reason: string; readonly status: number; readonly words: string }
  | undefined {
  const known = errors[code];
  if (known !== undefined) return { reason: known[0], status: known[1], words: known[2] };
  if (!code.startsWith('HPE_')) return undefined;
  return {
    reason: 'malformed',
    status: 400,
    words: 'The request is not HTTP/1.1 as RFC 9112 has it.',
  };
}

const errors: Readonly<Record<string, readonly [reason: string, status: number, words: string]>> = {
  HPE_HEADER_OVERFLOW: ['header_size', 431, 'The head of the request is too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    'chunk_extensions',
    413,
    'The extensions of a chunk are too large.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['slow_head', 408, 'The head of the request did not arrive in time.'],
  HPE_INVALID_TRANSFER_ENCODING: [
    'transfer_encoding',
    400,
    'The Transfer-Encoding is not one that is taken here.',
  ],
  HPE_INVALID_CONTENT_LENGTH: ['content_length', 400, 'The Content-Length is not one number.'],
  HPE_UNEXPECTED_CONTENT_LENGTH: [
    'content_length',
    400,
    'There may be one length, and none beside a Transfer-Encoding.',
  ],
  HPE_INVALID_HEADER_TOKEN: [
    'header',
    400,
    'A header has characters that none may have, or is folded.',
  ],
  HPE_UNEXPECTED_SPACE: ['header', 400, 'A header is folded, or has a space before its name.'],
  HPE_CR_EXPECTED: ['line_end', 400, 'Lines end with CR and LF, and neither stands alone.'],
  HPE_LF_EXPECTED: ['line_end', 400, 'Lines end with CR and LF, and neither stands alone.'],
  HPE_STRICT: ['line_end', 400, 'Lines end with CR and LF, and neither stands alone.'],
  HPE_INVALID_CHUNK_SIZE: ['chunk', 400, 'The size of a chunk is no number.'],
  HPE_INVALID_METHOD: ['method', 400, 'The method is none that is known.'],
  HPE_INVALID_URL: ['target', 400, 'The target of the request has characters that none may have.'],
  HPE_INVALID_VERSION: ['version', 400, 'Only HTTP/1.1 and HTTP/1.0 are spoken here.'],
  HPE_INVALID_CONSTANT: ['malformed', 400, 'The request is not HTTP.'],
  HPE_CLOSED_CONNECTION: [
    'after_close',
    400,
    'Nothing may follow a request that ends the connection.',
  ],
};
