import { setMaxListeners } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../../lib/clock.ts';
import type { Failure } from '../verdict.ts';
import { below } from './address.ts';
import { mostOfAnswer, type ReadAnswer, readAnswer } from './answer.ts';
import { failureOf, wrongAddress } from './failure.ts';
import { type Proxy, shownProxy } from './proxy.ts';
import { ProxyRefusal } from './tunnel.ts';
import { openWire } from './wire.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the path of the client's address; with its query. Empty: the address itself. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** A server's answer, or why there is none. */
export type HttpOutcome =
  | { readonly ok: true; readonly answer: ReadAnswer }
  | { readonly ok: false; readonly failure: Failure };

/** Requests to one server over connections that are kept. */
export interface HttpClient {
  /**
   * Sends once. Never rejects. The body is lent until this settles: not with the answer or the abort alone, but once
   * nothing can be read from it any more.
   */
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
  /** From the context's `proxyFor`. */
  readonly proxy: Proxy | undefined;
  readonly clock: Clock;
}

/** One signal may end many requests at once; Node would take that for a leak. */
const listenersOfSignal = 256;

export function createHttpClient({
  url,
  headers,
  tls,
  proxy,
  clock,
}: HttpClientOptions): HttpClient {
  let isKnown = false;
  // In a tunnel nobody but the server can speak.
  const speaker = proxy === undefined || url.protocol === 'https:' ? undefined : shownProxy(proxy);
  const wire = openWire(url, { tls: tls ?? {}, proxy, clock });
  return {
    async send({ method, path, body, headers: own }, signal) {
      setMaxListeners(listenersOfSignal, signal);
      try {
        const request = {
          method,
          path: below(url, path),
          headers: { 'user-agent': 'sluice', ...headers, ...own },
          body,
          most: mostOfAnswer,
        };
        const answer = await readAnswer(await wire.request(request, signal), {
          clock,
          proxy: speaker,
        });
        // Nobody but a proxy has this status.
        if (speaker !== undefined && answer.status === 407) throw new ProxyRefusal(407);
        const failure = wrongAddress(answer, { url });
        if (failure !== undefined) return { ok: false, failure };
        isKnown = true;
        return { ok: true, answer };
      } catch (error) {
        return { ok: false, failure: failureOf(error, { url, proxy, isKnown }, signal) };
      }
    },
    end: () => wire.end(),
    close: () => wire.cut(),
  };
}
