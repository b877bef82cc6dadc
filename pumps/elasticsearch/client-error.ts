import { errors } from '@elastic/transport';
import { explain, type Failure } from '#pump';

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

/** Why there is no answer, where it was not a node that gave none. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { kind: 'timeout', message: 'No answer before the deadline.' };
  if (error instanceof errors.NoLivingConnectionsError)
    return { kind: 'unreachable', message: 'No node is left to send to.' };
  if (error instanceof errors.DeserializationError)
    return { kind: 'unexpected', message: 'The server’s answer is no JSON.' };
  return { kind: 'unexpected', message: explain(error) };
}
