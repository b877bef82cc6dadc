import type { Dispatcher } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import type { Millis } from '../../lib/units.ts';
import { retryAfterOf } from './retry-after.ts';

/** What the server said, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  /** From `Retry-After`. */
  readonly retryAfter?: Millis;
}

/** Reads an answer to its end. */
export async function readAnswer(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  clock: Clock,
): Promise<HttpAnswer> {
  const retryAfter = retryAfterOf(headers, clock.now());
  return {
    status: statusCode,
    headers,
    body: await body.text(),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}
