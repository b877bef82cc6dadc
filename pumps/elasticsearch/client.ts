import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import {
  type ConnectionOptions,
  Serializer,
  Transport,
  WeightedConnectionPool,
} from '@elastic/transport';
import { type Failure, type Millis, retryAfterOf } from '#pump';
import { readAllStored } from './all-stored.ts';
import { failureOf, refusedAnswer } from './client-error.ts';
import { member } from './json.ts';
import { NoAnswer, NodeConnection, type NodeContext, proxyHeader } from './node-connection.ts';
import type { Node } from './nodes.ts';

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** With its query. */
  readonly path: string;
  readonly body?: Buffer;
  readonly contentType?: 'application/json' | 'application/x-ndjson';
}

/**
 * What the server said, whatever its status. `body` is undefined where it is not JSON, and an AllStored where a bulk
 * request succeeded as a whole.
 */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly retryAfter?: Millis;
  /** The proxy that may have said it in the server's place. */
  readonly proxy?: string;
}

/** A server's answer, or why there is none. */
export type Outcome =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly failure: Failure };

/** What this pump needs of a client library. */
export interface Client {
  /** Sends once, to one node. Never rejects. */
  send(request: Request, signal: AbortSignal): Promise<Outcome>;
  /** Goes over to the nodes that the cluster names. False: it could not be asked, the nodes stay. */
  sniff(signal: AbortSignal): Promise<boolean>;
  /** Goes back to the nodes that the operator named. */
  forgetSniffed(): void;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly nodes: readonly Node[];
  readonly tls: TlsOptions | undefined;
  readonly isCompressed: boolean;
  readonly context: NodeContext;
}

/** Longer than any deadline of the courier: the signal ends a request, not the library. */
const libraryTimeout = 24 * 60 * 60 * 1000;

/** Reads JSON answers; the common one to a bulk request without making objects of it. */
function answerReader(): Serializer {
  const plain = new Serializer();
  const deserialize = (json: string): unknown => readAllStored(json) ?? plain.deserialize(json);
  return Object.assign(new Serializer(), { deserialize });
}

/**
 * The Elastic client's transport, without its `Client`: that one asks for a product header and for media types that
 * servers before 7.14 and OpenSearch refuse. Plain JSON types are taken by every version. The library's retries are
 * off, and so is its sniffing, whose failures cannot be caught.
 */
export function createClient({ nodes, tls, isCompressed, context }: ClientOptions): Client {
  class Connection extends NodeConnection {
    constructor(options: ConnectionOptions) {
      super(options, context);
    }
  }
  const pool = new WeightedConnectionPool({ Connection });
  const configured = nodes.map((node) => connection(node, node.url, tls));
  pool.addConnection(configured);
  const transport = new Transport({
    connectionPool: pool,
    maxRetries: 0,
    requestTimeout: libraryTimeout,
    openTelemetry: { enabled: false },
    serializer: answerReader(),
    // The library would go through the request body byte by byte for every refused request, for seconds; errors of
    // ours name neither body nor headers.
    redaction: { type: 'off' },
    headers: { 'user-agent': 'sluice', accept: 'application/json' },
  });

  const answerOf = (status: number, body: unknown, headers: Answer['headers']): Answer => {
    const retryAfter = retryAfterOf(headers, context.clock.now());
    const proxy = headers[proxyHeader];
    return {
      status,
      body: typeof body === 'string' ? parsed(body) : body,
      headers,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(typeof proxy === 'string' ? { proxy } : {}),
    };
  };

  async function send(request: Request, signal: AbortSignal): Promise<Outcome> {
    try {
      const { body, headers } = await bodyOf(request, isCompressed);
      const result = await transport.request(
        { method: request.method, path: request.path, ...(body === undefined ? {} : { body }) },
        { headers, signal, meta: true },
      );
      return { ok: true, answer: answerOf(result.statusCode, result.body, result.headers) };
    } catch (error) {
      if (error instanceof NoAnswer) {
        // The others are asked first from now on.
        if (!signal.aborted) pool.markDead(error.node);
        return { ok: false, failure: error.failure };
      }
      const refused = refusedAnswer(error);
      if (refused === undefined) return { ok: false, failure: failureOf(error, signal) };
      return { ok: true, answer: answerOf(refused.status, refused.body, refused.headers) };
    }
  }

  return {
    send,
    async sniff(signal) {
      const outcome = await send({ method: 'GET', path: '/_nodes/_all/http' }, signal);
      const [first] = nodes;
      if (!outcome.ok || outcome.answer.status !== 200 || first === undefined) return false;
      const urls = nodeUrls(pool, outcome.answer.body, first.url.protocol);
      if (urls.length === 0) return false;
      try {
        pool.update(urls.map(({ id, url }) => ({ ...connection(first, url, tls), id })));
        return true;
      } catch {
        // A proxy's address that nobody looked at before, because no node that was named needs it.
        return false;
      }
    },
    forgetSniffed() {
      pool.update(configured);
    },
    close() {
      // Nothing is under way any more, and nobody waits for what was given up.
      for (const one of pool.connections) if (one instanceof NodeConnection) one.cut();
      return Promise.resolve();
    },
  };
}

const connection = ({ authorization }: Node, url: URL, tls: TlsOptions | undefined) => ({
  url,
  id: url.href,
  ...(tls === undefined ? {} : { tls }),
  ...(authorization === undefined ? {} : { headers: { authorization } }),
});

const compress = promisify(gzip);

async function bodyOf(
  { body, contentType }: Request,
  isCompressed: boolean,
): Promise<{ readonly body?: Buffer; readonly headers: Record<string, string> }> {
  if (body === undefined) return { headers: {} };
  const headers = { 'content-type': contentType ?? 'application/json' };
  if (!isCompressed) return { body, headers };
  // Documents are repetitive: the fastest level already makes them a small part of their size.
  return {
    body: await compress(body, { level: constants.Z_BEST_SPEED }),
    headers: { ...headers, 'content-encoding': 'gzip' },
  };
}

/** JSON whose server, or the proxy before it, does not say that it is JSON. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The addresses in an answer to `/_nodes/http`; none where that is no such answer. */
function nodeUrls(
  pool: WeightedConnectionPool,
  body: unknown,
  protocol: string,
): readonly { readonly id: string; readonly url: URL }[] {
  const nodes = member(body, 'nodes');
  if (typeof nodes !== 'object' || nodes === null) return [];
  try {
    return pool
      .nodesToHost(nodes, protocol)
      .map(({ url }: { readonly url: URL }) => ({ id: url.href, url }));
  } catch {
    // An address of a form that the library does not know.
    return [];
  }
}
