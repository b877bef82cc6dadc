import { BaseConnection, type ConnectionOptions } from '@elastic/transport/connection';
import { createHttpClient, type HttpClient, type PumpContext } from '#pump';

/** What a node's connections need of the pump's context. */
export type NodeContext = Pick<PumpContext, 'clock' | 'proxyFor'>;

/**
 * A node as the library's pool knows it. Its connections are the kit's, so that what holds for every HTTP pump holds here
 * too: how they are made, how much of an answer is read, what a failure is called.
 */
export class NodeConnection extends BaseConnection {
  readonly client: HttpClient;

  constructor(options: ConnectionOptions, { clock, proxyFor }: NodeContext) {
    super(options);
    this.client = createHttpClient({
      url: options.url,
      headers: { accept: 'application/json', ...textsOf(this.headers) },
      ...(this.tls === null ? {} : { tls: this.tls }),
      proxy: proxyFor(options.url),
      clock,
    });
  }

  /** Lets what is under way come to its end: the cluster may have named other nodes meanwhile. */
  override close(): Promise<void> {
    return this.client.end();
  }
}

/** Without what has no single value. */
const textsOf = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
