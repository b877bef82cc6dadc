import { setMaxListeners } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../../lib/clock.ts';
import type { Failure } from '../verdict.ts';
import { below } from './address.ts';
import { type HttpAnswer, readAnswer } from './answer.ts';
import { failureOf } from './failure.ts';
import { openWire } from './wire.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Below the path of the client's address; with its query. Empty: the address itself. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** A server's answer, or why there is none. */
export type HttpOutcome =
  | { readonly ok: true; readonly answer: HttpAnswer }
  | { readonly ok: false; readonly failure: Failure };

/** Requests to one server over connections that are kept. */
export interface HttpClient {
  /** Sends once. Never rejects. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpOutcome>;
  /** Takes nothing new, and lets what is under way come to its end. */
  end(): Promise<void>;
  /** Cuts what is open. */
  close(): void;
}

export interface HttpClientOptions {
  /** Its path comes before that of each request, its query before theirs. User and password in it are not sent. */
  readonly url: URL;
  /** What every request says; secrets are safe here, for no failure repeats them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: ConnectionOptions;
  readonly clock: Clock;
}

/** One signal may end many requests at once; Node would take that for a leak. */
const listenersOfSignal = 256;

export function createHttpClient({ url, headers, tls, clock }: HttpClientOptions): HttpClient {
  const wire = openWire(url, tls ?? {});
  return {
    async send({ method, path, body, headers: own }, signal) {
      setMaxListeners(listenersOfSignal, signal);
      try {
        const response = await wire.request({
          method,
          path: below(url, path),
          headers: { 'user-agent': 'sluice', ...headers, ...own },
          body: body ?? null,
          signal,
        });
        return { ok: true, answer: await readAnswer(response, clock) };
      } catch (error) {
        return { ok: false, failure: failureOf(error, { url }, signal) };
      }
    },
    end: () => wire.end(),
    close: () => wire.cut(),
  };
}
