import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request as plainRequest,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../lib/clock.ts';
import { type Millis, millis, seconds } from '../lib/units.ts';
import { classify } from './classify.ts';
import type { Failure } from './verdict.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Below the path of the client's address; with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** What the server said, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Its first mebibyte. */
  readonly body: string;
  /** From `Retry-After`. */
  readonly retryAfter?: Millis;
}

/** A server's answer, or why there is none. */
export type HttpOutcome =
  | { readonly ok: true; readonly answer: HttpAnswer }
  | { readonly ok: false; readonly failure: Failure };

/** Requests to one server over connections that are kept. For pumps whose protocol needs no library. */
export interface HttpClient {
  /** Sends once. Never rejects. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpOutcome>;
  /** Cuts what is open. */
  close(): void;
}

export interface HttpClientOptions {
  /** A path in it comes before that of each request. User and password in it are not sent. */
  readonly url: URL;
  /** What every request says; secrets are safe here, for no failure repeats them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: ConnectionOptions;
  readonly clock: Clock;
}

/** Load balancers cut idle connections after a minute, and a request sent at that moment would fail. */
const idleTimeout = 20_000;
const longestBody = 1024 * 1024;

export function createHttpClient({ url, headers, tls, clock }: HttpClientOptions): HttpClient {
  const isSecure = url.protocol === 'https:';
  const agentOptions = { keepAlive: true, timeout: idleTimeout };
  const agent = isSecure ? new TlsAgent({ ...agentOptions, ...tls }) : new Agent(agentOptions);
  const prefix = url.pathname.replace(/\/+$/, '');

  function start(request: HttpRequest, signal: AbortSignal): ClientRequest {
    const { method, path, body } = request;
    return (isSecure ? tlsRequest : plainRequest)({
      agent,
      method,
      signal,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (isSecure ? 443 : 80) : url.port,
      path: prefix + path,
      headers: {
        'user-agent': 'sluice',
        host: url.host,
        ...headers,
        ...request.headers,
        ...(body === undefined ? {} : { 'content-length': body.length }),
      },
    });
  }

  function exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = start(request, signal);
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        answerOf(incoming, clock).then(resolve, reject);
      });
      outgoing.end(request.body);
    });
  }

  return {
    async send(request, signal) {
      try {
        return { ok: true, answer: await exchange(request, signal) };
      } catch (error) {
        return { ok: false, failure: failureOf(error, signal) };
      }
    },
    close() {
      agent.destroy();
    },
  };
}

function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { kind: 'timeout', message: 'No answer before the deadline.' };
  const verdict = classify(error);
  return verdict.outcome === 'delivered'
    ? { kind: 'unexpected', message: 'No answer.' }
    : verdict.failure;
}

async function answerOf(incoming: IncomingMessage, clock: Clock): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    if (size < longestBody) chunks.push(chunk);
    size += chunk.length;
  }
  const retryAfter = retryAfterOf(incoming.headers['retry-after'], clock);
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterOf(header: string | undefined, clock: Clock): Millis | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return seconds(Number(header));
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : millis(Math.max(0, date - clock.now()));
}

/** The body as JSON; undefined where it is none. */
export function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A member of what may be an object. */
export function jsonMember(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
