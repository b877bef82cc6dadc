import { Readable } from 'node:stream';
import { createHttpClient, type Failure, type HttpClient } from '#pump';

type ClientOptions = Parameters<typeof createHttpClient>[0];

/** The library's request, as far as it is used. */
interface LibraryRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** There was no answer. */
export class NoAnswer extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

export interface Handler {
  handle(
    request: LibraryRequest,
    options?: { readonly abortSignal?: unknown },
  ): Promise<{ readonly response: object }>;
  destroy(): void;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] as const;

/** Sends what the library has signed over the kit's HTTP client: its proxies, its TLS, its words for what goes wrong. */
export function createHandler(optionsFor: (url: URL) => Omit<ClientOptions, 'url'>): Handler {
  const clients = new Map<string, HttpClient>();
  const clientFor = (url: URL): HttpClient => {
    const found = clients.get(url.origin);
    if (found !== undefined) return found;
    const made = createHttpClient({ url, ...optionsFor(url) });
    clients.set(url.origin, made);
    return made;
  };
  return {
    async handle(request, { abortSignal } = {}) {
      const { method, protocol, hostname, port, path, query = {}, headers, body } = request;
      const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}/`);
      const outcome = await clientFor(url).send(
        {
          method: methods.find((one) => one === method) ?? 'GET',
          path: path + queryOf(query),
          headers,
          ...bodyOf(body),
        },
        abortSignal instanceof AbortSignal ? abortSignal : new AbortController().signal,
      );
      if (!outcome.ok) throw new NoAnswer(outcome.failure);
      const { answer } = outcome;
      return {
        response: {
          statusCode: answer.status,
          headers: Object.fromEntries(
            Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
          ),
          body: Readable.from([answer.bytes]),
        },
      };
    },
    destroy() {
      for (const client of clients.values()) client.close();
    },
  };
}

function bodyOf(body: unknown): { readonly body?: Uint8Array } {
  if (body === undefined || body === '') return {};
  if (typeof body === 'string') return { body: Buffer.from(body) };
  if (body instanceof Uint8Array) return { body };
  throw new Error('a body of another kind was asked for');
}

/** As it was signed. */
function queryOf(query: NonNullable<LibraryRequest['query']>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value]
      .flat()
      .map((one) => (one === null ? encoded(name) : `${encoded(name)}=${encoded(one)}`)),
  );
  return pairs.length === 0 ? '' : `?${pairs.sort().join('&')}`;
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
