import {
  BaseConnection,
  type ConnectionOptions,
  type ConnectionRequestOptions,
  type ConnectionRequestOptionsAsStream,
  type ConnectionRequestParams,
  type ConnectionRequestResponse,
  type ConnectionRequestResponseAsStream,
} from '@elastic/transport';
import { createHttpClient, type Failure, type HttpClient, type PumpContext } from '#pump';

/** What a node's connections need of the pump's context. */
export type NodeContext = Pick<PumpContext, 'clock' | 'proxyFor'>;

/** What no server says: which proxy may have spoken in its place. The library passes headers on and nothing else. */
export const proxyHeader = 'x-sluice-proxy';

/** A node gave no answer, and why. The library lets errors of such a name through as they are. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly failure: Failure;
  readonly node: NodeConnection;

  constructor(failure: Failure, node: NodeConnection) {
    super(failure.message);
    this.failure = failure;
    this.node = node;
  }
}

/**
 * The connections to a node, made by the kit, so that what holds for every HTTP pump holds here too: how they are made,
 * how much of an answer is read, what a failure is called. The library chooses the node and reads the answer.
 */
export class NodeConnection extends BaseConnection {
  readonly #client: HttpClient;

  constructor(options: ConnectionOptions, { clock, proxyFor }: NodeContext) {
    super(options);
    this.#client = createHttpClient({
      url: options.url,
      headers: textsOf(this.headers),
      ...(this.tls === null ? {} : { tls: this.tls }),
      proxy: proxyFor(options.url),
      clock,
    });
  }

  override request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptions,
  ): Promise<ConnectionRequestResponse>;
  override request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptionsAsStream,
  ): Promise<ConnectionRequestResponseAsStream>;
  override async request(
    { method, path, querystring = '', headers, body }: ConnectionRequestParams,
    { signal = new AbortController().signal }: ConnectionRequestOptions,
  ): Promise<never> {
    const outcome = await this.#client.send(
      {
        // The library is asked with what `Request` has, and passes that on.
        method: method as 'GET' | 'HEAD' | 'POST' | 'PUT',
        path: querystring === '' ? path : `${path}?${querystring}`,
        headers: textsOf(headers ?? {}),
        ...(Buffer.isBuffer(body) ? { body } : {}),
      },
      signal,
    );
    if (!outcome.ok) throw new NoAnswer(outcome.failure, this);
    const { status, headers: said, body: text, proxy } = outcome.answer;
    const all = { ...said, [proxyHeader]: proxy };
    return { statusCode: status, headers: all, body: text } as never;
  }

  /** Lets what is under way come to its end: the cluster may have named other nodes meanwhile. */
  override close(): Promise<void> {
    return this.#client.end();
  }

  cut(): void {
    this.#client.close();
  }
}

/** Without what has no single value: the library sends no such header. */
const textsOf = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
