import { type DiagnosticResult, errors } from '@elastic/transport';
import { explain, type Failure, shownUrl } from '#pump';

/** The answer in an error that the library makes of every status from 400. */
export function refusedAnswer(error: unknown):
  | {
      readonly status: number;
      readonly body: unknown;
      readonly headers: Readonly<Record<string, unknown>>;
    }
  | undefined {
  if (!(error instanceof errors.ResponseError)) return undefined;
  const { statusCode, body, headers } = error.meta;
  return statusCode === undefined
    ? undefined
    : { status: statusCode, body, headers: headers ?? {} };
}

/** Why there is no answer. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  // Asked first: the library takes a signal that timed out for a broken connection.
  if (signal.aborted) return { kind: 'timeout', message: 'No answer before the deadline.' };
  if (error instanceof errors.TimeoutError)
    return { kind: 'timeout', message: `No answer from ${addressIn(error)} in time.` };
  if (error instanceof errors.ConnectionError)
    return {
      kind: 'unreachable',
      // Refused on both addresses of a name, the library's message is empty.
      message: `No connection to ${addressIn(error)}: ${error.message || 'refused'}`,
    };
  if (error instanceof errors.NoLivingConnectionsError)
    return { kind: 'unreachable', message: 'No node is left to send to.' };
  if (error instanceof errors.DeserializationError)
    return { kind: 'unexpected', message: 'The server’s answer is no JSON.' };
  return { kind: 'unexpected', message: explain(error) };
}

/** In an error the library has made the node's address plain data. */
function addressIn({ meta }: { readonly meta?: DiagnosticResult }): string {
  const url: unknown = meta?.meta.connection?.url;
  const text = url instanceof URL || typeof url === 'string' ? String(url) : '';
  return URL.canParse(text) ? shownUrl(new URL(text)) : 'the server';
}
